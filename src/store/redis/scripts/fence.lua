-- Whether a lease is still held under this fence: a holder that lost it, or let it run out, writes nothing any more.
local function holds(scope, fence)
  if scope == '' then return true end
  local lease = redis.call('GET', 'miroir:lease:' .. scope)
  return lease and string.match(lease, '^(%d+) ') == fence
end
