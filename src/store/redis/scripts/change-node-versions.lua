-- Rows of verified settings versions in one step; other routers learn of it with the catalog. ARGV: number of indexes to
-- clear, these, then index, node, version, milliseconds, when the index was created or nothing, index, node ...
local prefix, removals = 'miroir:node_settings_version:', tonumber(ARGV[1])
local rows = prefix .. '_index'
for place = 2, 1 + removals do
  local index = prefix .. '_of:' .. ARGV[place]
  for _, node in ipairs(redis.call('SMEMBERS', index)) do
    redis.call('DEL', prefix .. ARGV[place] .. ':' .. node)
    redis.call('SREM', rows, ARGV[place] .. ':' .. node)
  end
  redis.call('DEL', index)
end
for place = 2 + removals, #ARGV, 5 do
  local index, node = ARGV[place], ARGV[place + 1]
  redis.call('HSET', prefix .. index .. ':' .. node, 'version', ARGV[place + 2], 'updated_at', ARGV[place + 3],
    'index_created_at', ARGV[place + 4])
  redis.call('SADD', prefix .. '_of:' .. index, node)
  redis.call('SADD', rows, index .. ':' .. node)
end
local version = redis.call('HINCRBY', 'miroir:versions', 'catalog', 1)
redis.call('PUBLISH', 'miroir:changed', 'catalog ' .. version)
return 1
