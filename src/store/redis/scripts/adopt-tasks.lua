-- Takes over every open task whose router is not believed to live. One step, so of two routers that try it at once one gets a
-- task. Answers with every open task that the new owner has taken over, now or before, and the number of that change of
-- hands: what it already has it knows by that. ARGV: new owner
local owner, living = ARGV[1], {}
local owners = {}
local filed_owners = redis.call('HGETALL', TASKS .. '_owners')
for place = 1, #filed_owners, 2 do owners[filed_owners[place]] = filed_owners[place + 1] end
for _, uid in ipairs(redis.call('ZRANGE', TASKS .. '_open', 0, -1)) do
  local now = owners[uid]
  if now and living[now] == nil then living[now] = now == owner or redis.call('EXISTS', 'miroir:run:' .. now) == 1 end
  if not now or not living[now] then hand_over(uid, owner) end
end
local taken = {}
local adopted = redis.call('HGETALL', TASKS .. '_adopted')
for place = 1, #adopted, 2 do
  local number, whose = string.match(adopted[place + 1], '^(%d+) (.*)$')
  if whose == owner then
    taken[#taken + 1] = adopted[place]
    taken[#taken + 1] = number
  end
end
return taken
