-- Several entries of the catalog in one step, and the version by which other routers learn of it. With an expected entry
-- nothing changes unless that is what is stored. -1: the server is not the store that the router knows; what is left to be
-- recovered must not be mixed with what the router remembers.
-- ARGV: name of the store, 1 when compared, uid and text to compare, number to remove, these, then uid, text, uid, text ...
if not is_known(ARGV[1]) then return -1 end
local compared, uid, expected, removals = ARGV[2] == '1', ARGV[3], ARGV[4], tonumber(ARGV[5])
local catalog = 'miroir:index_catalog'
if compared and redis.call('HGET', catalog, uid) ~= expected then return 0 end
for place = 6, 5 + removals do redis.call('HDEL', catalog, ARGV[place]) end
for place = 6 + removals, #ARGV, 2 do redis.call('HSET', catalog, ARGV[place], ARGV[place + 1]) end
local version = redis.call('HINCRBY', 'miroir:versions', 'catalog', 1)
redis.call('PUBLISH', 'miroir:changed', 'catalog ' .. version)
return 1
