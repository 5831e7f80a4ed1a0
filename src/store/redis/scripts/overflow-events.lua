-- Events that wait for a sink: a list, and beside it the place of its first event and how many bytes it holds.
-- ARGV: append | oldest | drop, list, state, then
--   append: most bytes, events ...: answers how many of the oldest had to go
--   oldest: how many: answers the place of the first, then the events
--   drop: place before which all goes
local what, list, state = ARGV[1], ARGV[2], ARGV[3]
local first = tonumber(redis.call('HGET', state, 'first') or '0')
local bytes = tonumber(redis.call('HGET', state, 'bytes') or '0')

local function keep()
  redis.call('HSET', state, 'first', string.format('%.0f', first), 'bytes', string.format('%.0f', bytes))
end

local function pop()
  local event = redis.call('LPOP', list)
  if not event then return false end
  first = first + 1
  bytes = bytes - #event
  return true
end

if what == 'oldest' then
  return { string.format('%.0f', first), unpack(redis.call('LRANGE', list, 0, tonumber(ARGV[4]) - 1)) }
end
local gone = 0
if what == 'append' then
  for place = 5, #ARGV do
    redis.call('RPUSH', list, ARGV[place])
    bytes = bytes + #ARGV[place]
  end
  while bytes > tonumber(ARGV[4]) and pop() do gone = gone + 1 end
else
  while first < tonumber(ARGV[4]) and pop() do gone = gone + 1 end
end
keep()
return gone
