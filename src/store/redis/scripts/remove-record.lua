-- Removes a record with what belongs to it; only under a lease that still holds, and only the expected version. Answers 1
-- when it was done, 0 when there is no such record or version, -1 when the lease is lost.
-- ARGV: scope (empty: none), fence, index (empty: none), key, name, expected version (empty: any), then further keys
local scope, fence, index, key, name, expected = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if not holds(scope, fence) then return -1 end
if redis.call('EXISTS', key) == 0 then return 0 end
if expected ~= '' and (redis.call('HGET', key, 'version') or '0') ~= expected then return 0 end
redis.call('DEL', key, unpack(ARGV, 7))
if index ~= '' then redis.call('SREM', index, name) end
return 1
