-- Adds a run to those of a canary and keeps the newest; nothing when the canary has been removed.
-- ARGV: key of the canary, key of its runs, time of the run, run as JSON, how many are kept
if redis.call('EXISTS', ARGV[1]) == 0 then return 0 end
redis.call('ZREMRANGEBYSCORE', ARGV[2], ARGV[3], ARGV[3])
redis.call('ZADD', ARGV[2], ARGV[3], ARGV[4])
redis.call('ZREMRANGEBYRANK', ARGV[2], 0, -tonumber(ARGV[5]) - 1)
return 1
