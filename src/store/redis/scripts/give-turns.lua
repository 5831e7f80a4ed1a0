-- Gives turns back and tells whoever waits for them. The clock is 16 hexadecimal digits, so that texts compare like
-- numbers. ARGV: run, clock, scopes
local before = redis.call('GET', 'miroir:turn_clock')
if not before or before < ARGV[2] then redis.call('SET', 'miroir:turn_clock', ARGV[2]) end
for place = 3, #ARGV do
  local key = 'miroir:turn:' .. ARGV[place]
  if redis.call('GET', key) == ARGV[1] then
    redis.call('DEL', key)
    redis.call('PUBLISH', 'miroir:turns', 'free ' .. ARGV[place] .. ' ' .. ARGV[1])
  end
end
return 1
