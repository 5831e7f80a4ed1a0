-- Puts one state of a search rule in the place of another, if that is what is stored; other routers learn of it with the
-- catalog. ARGV: uid, the text that is expected, the text that takes its place; empty texts: there is none.
local key = 'miroir:search_rules'
if (redis.call('HGET', key, ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', key, ARGV[1]) else redis.call('HSET', key, ARGV[1], ARGV[3]) end
local version = redis.call('HINCRBY', 'miroir:versions', 'catalog', 1)
redis.call('PUBLISH', 'miroir:changed', 'catalog ' .. version)
return 1
