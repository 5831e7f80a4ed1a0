-- Takes the turn on a scope unless another run that lives has it; that one is then told. Only a living run has turns.
-- ARGV: scope, run
local key = 'miroir:turn:' .. ARGV[1]
local holder = redis.call('GET', key)
if holder and holder ~= ARGV[2] and redis.call('EXISTS', 'miroir:run:' .. holder) == 1 then
  redis.call('PUBLISH', 'miroir:turns', 'wanted ' .. ARGV[1] .. ' ' .. holder)
  return 0
end
if redis.call('EXISTS', 'miroir:run:' .. ARGV[2]) == 0 then return 0 end
redis.call('SET', key, ARGV[2])
return 1
