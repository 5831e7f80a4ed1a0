-- Takes a suspicion back unless it is a newer one. ARGV: field, moment
local text = redis.call('HGET', 'miroir:suspects', ARGV[1])
if text and cjson.decode(text).since == tonumber(ARGV[2]) then redis.call('HDEL', 'miroir:suspects', ARGV[1]) end
return 1
