-- Grants a lease that nobody has, with the next fence. Who has started again under its name has given up what its former
-- run had; the fence tells the two apart. ARGV: scope, holder, time to live in milliseconds
local key = 'miroir:lease:' .. ARGV[1]
local held = redis.call('GET', key)
if held then
  local holder = string.match(held, '^%d+ (.*)$')
  local name = string.match(holder, '^(.*)/[^/]*$')
  local run = name and redis.call('HGET', 'miroir:router:' .. name, 'run')
  if not run or run == holder then return 0 end
end
local fence = redis.call('INCR', 'miroir:fence:' .. ARGV[1])
redis.call('SET', key, fence .. ' ' .. ARGV[2], 'PX', ARGV[3])
return fence
