-- Replaces a record and files its name, so that a list never needs a scan; only under a lease that still holds, and only
-- in place of the expected version. Answers 1 when it was done, 0 when the version is another, -1 when the lease is lost.
-- ARGV: scope (empty: none), fence, index (empty: none), key, name, expected version (empty: any, 0: none yet), then
-- field, value ...
local scope, fence, index, key, name, expected = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if not holds(scope, fence) then return -1 end
if expected ~= '' and (redis.call('HGET', key, 'version') or '0') ~= expected then return 0 end
redis.call('DEL', key)
redis.call('HSET', key, unpack(ARGV, 7))
if index ~= '' then redis.call('SADD', index, name) end
return 1
