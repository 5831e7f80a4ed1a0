-- Names of the living routers that have not taken in a version yet. ARGV: run to leave out, field, version
local behind = {}
for _, name in ipairs(redis.call('SMEMBERS', 'miroir:routers:_index')) do
  local router = redis.call('HMGET', 'miroir:router:' .. name, 'run', ARGV[2])
  if router[1] and router[1] ~= ARGV[1] and tonumber(router[2] or '-1') < tonumber(ARGV[3]) then
    behind[#behind + 1] = name
  end
end
return behind
