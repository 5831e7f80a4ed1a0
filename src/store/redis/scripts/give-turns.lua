-- Gives turns back and tells whoever waits for them. ARGV: run, scopes
for place = 2, #ARGV do
  local key = 'miroir:turn:' .. ARGV[place]
  if redis.call('GET', key) == ARGV[1] then
    redis.call('DEL', key)
    redis.call('PUBLISH', 'miroir:turns', 'free ' .. ARGV[place] .. ' ' .. ARGV[1])
  end
end
return 1
