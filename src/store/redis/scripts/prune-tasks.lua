-- Deletes the tasks that ended first, at most so many, all of them before a time; only under a lease that still holds.
-- ARGV: scope (empty: none), fence, time, most
local scope, fence, before, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if not holds(scope, fence) then return -1 end
local old = {}
for _, kind in ipairs(redis.call('SMEMBERS', TASKS .. '_kinds')) do
  if not is_open(string.match(kind, '[^|]*$')) then
    local found = redis.call('ZRANGEBYSCORE', kind_key(kind) .. ':finished', '-inf', '(' .. before, 'WITHSCORES', 'LIMIT', 0, most)
    for place = 1, #found, 2 do old[#old + 1] = { uid = found[place], at = tonumber(found[place + 1]) } end
  end
end
table.sort(old, function(a, b) return a.at < b.at end)
local deleted = math.min(most, #old)
for place = 1, deleted do forget(old[place].uid, filed_of(old[place].uid)) end
return deleted
