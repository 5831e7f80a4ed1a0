-- Which of the given tasks meet every condition. ARGV: the conditions as JSON, then uids
local ask = cjson.decode(ARGV[1])
local function set_of(list)
  if not list then return nil end
  local set = {}
  for _, value in ipairs(list) do set[tostring(value)] = true end
  return set
end
local among = {
  status = set_of(ask.statuses),
  type = set_of(ask.types),
  index_uid = set_of(ask.indexUids),
  canceled_by = set_of(ask.canceledBy),
}
local found = {}
for place = 2, #ARGV do
  local filed = filed_of(ARGV[place])
  local meets = filed ~= nil
  if meets then
    for name, set in pairs(among) do meets = meets and filed[name] ~= nil and set[filed[name]] == true end
    for _, time in ipairs(ask.times) do
      local at = tonumber(filed[TIMES[time.name]] or '')
      meets = meets and at ~= nil and (not time.after or at > time.after) and (not time.before or at < time.before)
    end
  end
  if meets then found[#found + 1] = ARGV[place] end
end
return found
