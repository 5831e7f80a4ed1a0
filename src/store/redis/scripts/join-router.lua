-- Announces a run of a router in place of an earlier one of its name, with a number that no other living router has.
-- Answers with the number and 1 when the run was not, or no longer, believed to live.
-- ARGV: name, run, router as JSON, time to live in milliseconds, 1 to take the name from another run
local name, run, text, ttl, takes = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
local key = 'miroir:router:' .. name
local before = redis.call('HMGET', key, 'run', 'number')
if before[1] and before[1] ~= run then
  if not takes then return { -1, 0 } end
  redis.call('DEL', key, 'miroir:run:' .. before[1])
end
local number = before[2]
if not number then
  local used = {}
  for _, other in ipairs(redis.call('SMEMBERS', 'miroir:routers:_index')) do
    local theirs = redis.call('HGET', 'miroir:router:' .. other, 'number')
    if theirs then used[tonumber(theirs)] = true else redis.call('SREM', 'miroir:routers:_index', other) end
  end
  number = 0
  while used[number] and number < 255 do number = number + 1 end
end
redis.call('HSET', key, 'run', run, 'number', number, 'router', text)
redis.call('PEXPIRE', key, ttl)
redis.call('SET', 'miroir:run:' .. run, name, 'PX', ttl)
redis.call('SADD', 'miroir:routers:_index', name)
return { tonumber(number), before[1] == run and 0 or 1 }
