-- Revokes a session and tells every router; nothing when it has ended. ARGV: key, id
if redis.call('HEXISTS', ARGV[1], 'session') == 0 or redis.call('HGET', ARGV[1], 'revoked') == '1' then return 0 end
redis.call('HSET', ARGV[1], 'revoked', '1')
redis.call('PUBLISH', 'miroir:admin_session:revoked', ARGV[2])
return 1
