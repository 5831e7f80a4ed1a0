-- Keeps a deletion in place of an earlier one of the same id. ARGV: id, born, created, tombstone as JSON
local key = 'miroir:tombstones:' .. ARGV[1]
redis.call('HSET', key, 'born', ARGV[2], 'tombstone', ARGV[4])
redis.call('ZADD', 'miroir:tombstones:_born:' .. ARGV[2], 0, ARGV[1])
redis.call('ZADD', 'miroir:tombstones:_created', ARGV[3], ARGV[1])
return 1
