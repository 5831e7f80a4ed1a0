-- Removes deletions and what leads to them. ARGV: ids
local removed = 0
for _, id in ipairs(ARGV) do
  local key = 'miroir:tombstones:' .. id
  local born = redis.call('HGET', key, 'born')
  if born then
    redis.call('DEL', key)
    redis.call('ZREM', 'miroir:tombstones:_born:' .. born, id)
    redis.call('ZREM', 'miroir:tombstones:_created', id)
    removed = removed + 1
  end
end
return removed
