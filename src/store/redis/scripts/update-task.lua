-- Changes fields of a task and files it anew where that matters. What follows a task to its end is refused to a router
-- that no longer owns it; noting who means to cancel it is open to all. A task that is gone is left alone.
-- ARGV: uid, owner, 1 when only the owner may do it, number of fields to remove, these, then field, value ...
local uid, owner, owned, removals = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])
local before = filed_of(uid)
if not before then return 'gone' end
if owned and is_open(before.status) then
  local now = redis.call('HGET', TASKS .. '_owners', uid)
  if now and now ~= owner then return 'moved' end
end
for place = 5, 4 + removals do redis.call('HDEL', TASKS .. uid, ARGV[place]) end
write(uid, { unpack(ARGV, 5 + removals) })
local after = filed_of(uid)
for _, name in ipairs(FILED_BY) do
  if before[name] ~= after[name] then
    unfile(uid, before)
    file(uid, after)
    break
  end
end
-- Every webhook there is now hears of the end; in this step, so that no crash falls between the two.
if is_open(before.status) and not is_open(after.status) then
  for _, webhook in ipairs(redis.call('HKEYS', 'miroir:webhooks')) do
    local place = redis.call('INCR', 'miroir:counter:webhook_outbox')
    redis.call('ZADD', 'miroir:webhook_outbox:' .. webhook, 'NX', place, uid)
  end
end
return 'ok'
