-- Inserts a task under the next uid. The uid is given out in the same step, so none is given twice and none is lost to
-- a crash. Refused when the topology has another epoch than the router works under. A server that has gone back to an earlier
-- state does not know which uids it has given out since: it goes on well above those that the router has seen.
-- Answers with 'ok', the uid, the version of the hints, and 1 when the server has gone back.
-- ARGV: epoch (0: any), name of the store, owner, uid that is free as far as the router has seen, number of uids to skip,
-- then field, value, field, value ...
local epoch, store, owner = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local topology = redis.call('HMGET', 'miroir:topology', 'epoch', 'store')
if epoch ~= 0 and topology[2] ~= store then return { 'lost' } end
if epoch ~= 0 and tonumber(topology[1] or '0') ~= epoch then return { 'epoch' } end

local seen = tonumber(ARGV[4])
local went_back = tonumber(redis.call('GET', 'miroir:counter:task_uid') or '0') < seen
if went_back then redis.call('SET', 'miroir:counter:task_uid', string.format('%.0f', seen + tonumber(ARGV[5]))) end
local uid = string.format('%.0f', redis.call('INCR', 'miroir:counter:task_uid') - 1)
write(uid, { unpack(ARGV, 6) })
local filed = filed_of(uid)
redis.call('ZADD', TASKS .. '_index', uid, redis.call('HGET', TASKS .. uid, 'miroir_id'))
if is_open(filed.status) then redis.call('HSET', TASKS .. '_owners', uid, owner) end
file(uid, filed)

-- Only of what has been noted from the first task on is it known that it holds for all.
if redis.call('ZCARD', TASKS .. '_index') == 1 then redis.call('HSET', TASKS .. '_order', 'noted', '1') end
-- How far tasks are out of the order of their creation.
local created = tonumber(filed.created_at)
local latest = tonumber(redis.call('HGET', TASKS .. '_order', 'latest') or '-1')
if created >= latest then
  redis.call('HSET', TASKS .. '_order', 'latest', filed.created_at)
elseif latest - created > tonumber(redis.call('HGET', TASKS .. '_order', 'late_ms') or '0') then
  redis.call('HSET', TASKS .. '_order', 'late_ms', string.format('%.0f', latest - created))
end
return { 'ok', uid, redis.call('HGET', 'miroir:versions', 'hints') or '0', went_back and 1 or 0 }
