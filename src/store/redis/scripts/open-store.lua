-- First start: notes the version of the layout. Later: says which one is there. ARGV: version known
local found = redis.call('GET', 'miroir:schema_version')
if found then return tonumber(found) end
redis.call('SET', 'miroir:schema_version', ARGV[1])
return tonumber(ARGV[1])
