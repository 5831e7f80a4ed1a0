-- Prolongs a lease for its holder alone, or ends it with a time to live of 0. ARGV: scope, fence, holder, milliseconds
local key = 'miroir:lease:' .. ARGV[1]
if redis.call('GET', key) ~= ARGV[2] .. ' ' .. ARGV[3] then return 0 end
if ARGV[4] == '0' then redis.call('DEL', key) else redis.call('PEXPIRE', key, ARGV[4]) end
return 1
