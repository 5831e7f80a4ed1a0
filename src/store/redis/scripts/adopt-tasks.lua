-- Takes over every open task whose router is not believed to live, and returns the uids, oldest first. One step, so of two
-- routers that try it at once one gets a task. A router's own tasks stay where they are. ARGV: new owner
local owner, living = ARGV[1], {}
local adopted = {}
local owners = {}
local filed_owners = redis.call('HGETALL', TASKS .. '_owners')
for place = 1, #filed_owners, 2 do owners[filed_owners[place]] = filed_owners[place + 1] end
for _, uid in ipairs(redis.call('ZRANGE', TASKS .. '_open', 0, -1)) do
  local now = owners[uid]
  if now and living[now] == nil then living[now] = now == owner or redis.call('EXISTS', 'miroir:run:' .. now) == 1 end
  if not now or not living[now] then
    redis.call('HSET', TASKS .. '_owners', uid, owner)
    adopted[#adopted + 1] = uid
  end
end
return adopted
