-- Several entries of the catalog in one step, and the version by which other routers learn of it. With an expected entry
-- nothing changes unless that is what is stored. ARGV: 1 when compared, uid and text to compare, number to remove, these,
-- then uid, text, uid, text ...
local compared, uid, expected, removals = ARGV[1] == '1', ARGV[2], ARGV[3], tonumber(ARGV[4])
local catalog = 'miroir:index_catalog'
if compared and redis.call('HGET', catalog, uid) ~= expected then return 0 end
for place = 5, 4 + removals do redis.call('HDEL', catalog, ARGV[place]) end
for place = 5 + removals, #ARGV, 2 do redis.call('HSET', catalog, ARGV[place], ARGV[place + 1]) end
local version = redis.call('HINCRBY', 'miroir:versions', 'catalog', 1)
redis.call('PUBLISH', 'miroir:changed', 'catalog ' .. version)
return 1
