-- Takes the turn on a scope unless another run that lives has it, or has waited for it longer. Whoever has it is told
-- that it is wanted; who waits keeps its place for a moment by asking again. Only a living run has turns.
-- Answers with the highest clock that came with a turn given back, or with nothing.
-- ARGV: scope, run, milliseconds that a place is kept
local scope, run = ARGV[1], ARGV[2]
local key, place = 'miroir:turn:' .. scope, 'miroir:turn_next:' .. scope
if redis.call('EXISTS', 'miroir:run:' .. run) == 0 then return false end
local function lives(other)
  return other and other ~= run and redis.call('EXISTS', 'miroir:run:' .. other) == 1
end
local holder, waiting = redis.call('GET', key), redis.call('GET', place)
if lives(holder) or (holder ~= run and lives(waiting)) then
  if not lives(waiting) then redis.call('SET', place, run, 'PX', ARGV[3]) end
  if lives(holder) then redis.call('PUBLISH', 'miroir:turns', 'wanted ' .. scope .. ' ' .. holder) end
  return false
end
redis.call('SET', key, run)
if waiting == run then redis.call('DEL', place) end
return redis.call('GET', 'miroir:turn_clock') or '0'
