-- Whether this is the store that the router has begun with: a server that has lost everything, or another one in its place, is
-- not. Empty: the router has not begun yet.
local function is_known(store)
  return store == '' or redis.call('HGET', 'miroir:topology', 'store') == store
end
