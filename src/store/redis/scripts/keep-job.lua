-- Renews a claim or ends the job, for its claimant alone and only while the claim lasts.
-- ARGV: id, claimant, time to live (0: the job ends), state at the end, 1 when there is progress, progress
local key = 'miroir:jobs:' .. ARGV[1]
local job = redis.call('HMGET', key, 'claimed_by', 'state', 'claim_expires_at')
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if job[1] ~= ARGV[2] or job[2] ~= 'in_progress' or tonumber(job[3]) <= now then return 0 end
if ARGV[5] == '1' then redis.call('HSET', key, 'progress', ARGV[6]) end
if ARGV[3] == '0' then
  redis.call('HSET', key, 'state', ARGV[4])
  redis.call('HDEL', key, 'claimed_by', 'claim_expires_at')
  redis.call('ZREM', 'miroir:jobs:_queued', ARGV[1])
  redis.call('HINCRBY', 'miroir:jobs:_counts', redis.call('HGET', key, 'type'), -1)
else
  redis.call('HSET', key, 'claim_expires_at', string.format('%.0f', now + tonumber(ARGV[3])))
end
return 1
