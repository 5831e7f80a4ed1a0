-- Moves a cursor on, never back. ARGV: key, set of the sink's indexes, index, last event, milliseconds
local seq = tonumber(redis.call('HGET', ARGV[1], 'last_event_seq') or '-1')
if seq >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', ARGV[1], 'last_event_seq', ARGV[4], 'updated_at', ARGV[5])
redis.call('SADD', ARGV[2], ARGV[3])
return 1
