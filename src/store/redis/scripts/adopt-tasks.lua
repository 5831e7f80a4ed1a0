-- Takes over every open task whose router is not among the living, and returns the uids, oldest first. One step, so of
-- two routers that try it at once one gets a task. ARGV: new owner, the living
local owner, living = ARGV[1], {}
for place = 2, #ARGV do living[ARGV[place]] = true end
local adopted = {}
for _, uid in ipairs(redis.call('ZRANGE', TASKS .. '_open', 0, -1)) do
  local now = redis.call('HGET', TASKS .. '_owners', uid)
  if not now or not living[now] then
    redis.call('HSET', TASKS .. '_owners', uid, owner)
    adopted[#adopted + 1] = uid
  end
end
return adopted
