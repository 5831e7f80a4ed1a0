-- Replaces a hash and its time to live in one step. ARGV: key, milliseconds, field, value ...
redis.call('DEL', ARGV[1])
redis.call('HSET', ARGV[1], unpack(ARGV, 3))
redis.call('PEXPIRE', ARGV[1], ARGV[2])
return 1
