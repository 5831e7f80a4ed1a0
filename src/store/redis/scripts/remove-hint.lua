-- Removes a hint and what it counted for. ARGV: id
local key = 'miroir:hints:' .. ARGV[1]
local node, bytes = unpack(redis.call('HMGET', key, 'node_id', 'bytes'))
if not node then return 0 end
redis.call('DEL', key)
redis.call('ZREM', 'miroir:hints:_node:' .. node, ARGV[1])
redis.call('HINCRBY', 'miroir:hints:_bytes', node, -tonumber(bytes))
if redis.call('HINCRBY', 'miroir:hints:_counts', node, -1) == 0 then
  redis.call('HDEL', 'miroir:hints:_counts', node)
  redis.call('HDEL', 'miroir:hints:_bytes', node)
end
local version = redis.call('HINCRBY', 'miroir:versions', 'hints', 1)
redis.call('PUBLISH', 'miroir:changed', 'hints ' .. version)
return 1
