-- Gives the job that has waited longest to a claimant: one that is queued, or one whose claim has run out or was that of a
-- run whose router has started again.
-- ARGV: claimant, time to live in milliseconds, types
local claimant, ttl = ARGV[1], tonumber(ARGV[2])
local types = {}
for place = 3, #ARGV do types[ARGV[place]] = true end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local function is_former(run)
  local name = string.match(run or '', '^(.*)/[^/]*$')
  local present = name and redis.call('HGET', 'miroir:router:' .. name, 'run')
  return present and present ~= run
end
for _, id in ipairs(redis.call('ZRANGE', 'miroir:jobs:_queued', 0, -1)) do
  local key = 'miroir:jobs:' .. id
  local job = redis.call('HMGET', key, 'type', 'state', 'claim_expires_at', 'claimed_by')
  if types[job[1]] and (job[2] == 'queued' or tonumber(job[3]) <= now or is_former(job[4])) then
    local ends = string.format('%.0f', now + ttl)
    redis.call('HSET', key, 'state', 'in_progress', 'claimed_by', claimant, 'claim_expires_at', ends)
    return { id, unpack(redis.call('HGETALL', key)) }
  end
end
return {}
