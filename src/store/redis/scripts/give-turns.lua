-- Gives turns back and tells whoever waits for them. The clock is 16 hexadecimal digits, so that texts compare like
-- numbers. That a turn was given back is remembered for a while (nobody's name is empty), so that a run which stood still
-- does not take what it had for its own still. ARGV: run, clock, scopes
local before = redis.call('GET', 'miroir:turn_clock')
if not before or before < ARGV[2] then redis.call('SET', 'miroir:turn_clock', ARGV[2]) end
for place = 3, #ARGV do
  local key = 'miroir:turn:' .. ARGV[place]
  if redis.call('GET', key) == ARGV[1] then
    redis.call('SET', key, '', 'PX', 3600000)
    redis.call('PUBLISH', 'miroir:turns', 'free ' .. ARGV[place] .. ' ' .. ARGV[1])
  end
end
return 1
