-- Appends a hint behind those of its node; its place is given out in the same step. Refused with -1 when another run has, or
-- has had, the turn on the index since: the write would come after that run's; with -2 when the server is not the store that
-- the router knows. ARGV: name of the store, id, node, bytes, hint as JSON, run, index (empty: none)
if not is_known(ARGV[1]) then return -2 end
local id, node, bytes, text, run, index = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
if index ~= '' then
  local turn = redis.call('GET', 'miroir:turn:' .. index)
  if turn and turn ~= run then return -1 end
end
local seq = redis.call('INCR', 'miroir:counter:hint_seq')
redis.call('HSET', 'miroir:hints:' .. id, 'node_id', node, 'seq', seq, 'bytes', bytes, 'hint', text)
redis.call('ZADD', 'miroir:hints:_node:' .. node, seq, id)
redis.call('HINCRBY', 'miroir:hints:_counts', node, 1)
redis.call('HINCRBY', 'miroir:hints:_bytes', node, bytes)
local version = redis.call('HINCRBY', 'miroir:versions', 'hints', 1)
redis.call('PUBLISH', 'miroir:changed', 'hints ' .. version)
return seq
