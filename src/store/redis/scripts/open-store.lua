-- Notes the version of what is kept here, and raises it to that of a newer program; never lowers it. Answers with the version
-- that holds from now on and the one before (0: none). ARGV: version known
local found = tonumber(redis.call('GET', 'miroir:schema_version') or '0')
local known = tonumber(ARGV[1])
if found >= known then return { found, found } end
redis.call('SET', 'miroir:schema_version', ARGV[1])
return { known, found }
