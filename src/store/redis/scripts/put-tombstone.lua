-- Keeps a deletion in place of an earlier one of the same id, and the highest version of all.
-- ARGV: id, born, created, tombstone as JSON, version as sixteen hexadecimal digits
local key = 'miroir:tombstones:' .. ARGV[1]
redis.call('HSET', key, 'born', ARGV[2], 'tombstone', ARGV[4])
redis.call('ZADD', 'miroir:tombstones:_born:' .. ARGV[2], 0, ARGV[1])
redis.call('ZADD', 'miroir:tombstones:_created', ARGV[3], ARGV[1])
local newest = redis.call('GET', 'miroir:tombstones:_newest')
if not newest or newest < ARGV[5] then redis.call('SET', 'miroir:tombstones:_newest', ARGV[5]) end
return 1
