-- Adds, replaces or removes a webhook in the hash `miroir:webhooks`; with it goes what it still had to be told of.
-- ARGV: add | replace | remove, uuid, the webhook as JSON, the most there may be. Answers 1 when it was done.
local what, uuid, text, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local known = redis.call('HEXISTS', 'miroir:webhooks', uuid) == 1
if what == 'add' then
  if redis.call('HLEN', 'miroir:webhooks') >= most then return 0 end
elseif not known then
  return 0
end
if what == 'remove' then
  redis.call('HDEL', 'miroir:webhooks', uuid)
  redis.call('DEL', 'miroir:webhook_outbox:' .. uuid)
else
  redis.call('HSET', 'miroir:webhooks', uuid, text)
end
return 1
