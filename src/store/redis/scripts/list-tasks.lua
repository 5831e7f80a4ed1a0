-- One page of tasks by kind and by at most one time: how many match in all, and the uids from the page's start, one more
-- than it holds. Looks at a bounded number of tasks; when these were not enough it answers 'scan' in place of the uids.
-- ARGV: the question as JSON; times are texts
local ask = cjson.decode(ARGV[1])
local wanted = ask.limit + 1
local walked_max = 20000
local few = 2000

local function set_of(list)
  if not list then return nil end
  local set = {}
  for _, value in ipairs(list) do set[value] = true end
  return set
end

local function matching_kinds()
  local statuses, types, indexes = set_of(ask.statuses), set_of(ask.types), set_of(ask.indexUids)
  local kinds = {}
  for _, kind in ipairs(redis.call('SMEMBERS', TASKS .. '_kinds')) do
    local index_uid, type, status = string.match(kind, '^(.-)|(.-)|(.-)$')
    if (not statuses or statuses[status]) and (not types or types[type]) and (not indexes or indexes[index_uid]) then
      kinds[#kinds + 1] = kind_key(kind)
    end
  end
  return kinds
end

local function range(key, from, to, count)
  if ask.reverse then return redis.call('ZRANGEBYSCORE', key, from, to, 'LIMIT', 0, count) end
  return redis.call('ZREVRANGEBYSCORE', key, from, to, 'LIMIT', 0, count)
end

local last = ask.reverse and '+inf' or '-inf'

if not ask.time and not ask.statuses and not ask.types and not ask.indexUids then
  local answer = { redis.call('ZCARD', TASKS .. '_index') }
  for _, name in ipairs(range(TASKS .. '_index', ask.from, last, wanted)) do
    answer[#answer + 1] = redis.call('ZSCORE', TASKS .. '_index', name)
  end
  return answer
end

local kinds = matching_kinds()
local total = 0
for _, key in ipairs(kinds) do
  if ask.time then
    total = total + redis.call('ZCOUNT', key .. ':' .. ask.time.name, ask.time.low, ask.time.high)
  else
    total = total + redis.call('ZCARD', key)
  end
end
if total == 0 then return { 0 } end

local function before(a, b)
  if ask.reverse then return a < b end
  return a > b
end

if ask.time and total <= few then
  local uids = {}
  local from = tonumber(ask.from)
  for _, key in ipairs(kinds) do
    for _, uid in ipairs(redis.call('ZRANGEBYSCORE', key .. ':' .. ask.time.name, ask.time.low, ask.time.high)) do
      local number = tonumber(uid)
      if not before(number, from) then uids[#uids + 1] = number end
    end
  end
  table.sort(uids, before)
  local answer = { total }
  for place = 1, math.min(wanted, #uids) do answer[place + 1] = string.format('%.0f', uids[place]) end
  return answer
end

-- No task of a range of creation times lies beyond the first that is later than it by more than any task was late. One of
-- the other times lies no further from the creation than it ever did.
local function start_of_walk()
  if not ask.time then return ask.from end
  local order = redis.call('HMGET', TASKS .. '_order', 'late_ms', 'after_ms', 'before_ms', 'noted')
  local late, bound = tonumber(order[1] or '0'), tonumber(string.match(ask.reverse and ask.time.low or ask.time.high, '^%(?(.*)$'))
  if not bound or bound == math.huge or bound == -math.huge then return ask.from end
  if ask.time.name ~= 'created' then
    if not order[4] then return ask.from end
    bound = ask.reverse and bound - tonumber(order[2] or '0') or bound + tonumber(order[3] or '0')
  end
  local start = tonumber(ask.from)
  for _, kind in ipairs(redis.call('SMEMBERS', TASKS .. '_kinds')) do
    local key, found = kind_key(kind) .. ':created', nil
    if ask.reverse then
      found = redis.call('ZREVRANGEBYSCORE', key, '(' .. string.format('%.17g', bound - late), '-inf', 'LIMIT', 0, 1)[1]
    else
      found = redis.call('ZRANGEBYSCORE', key, '(' .. string.format('%.17g', bound + late), '+inf', 'LIMIT', 0, 1)[1]
    end
    local uid = tonumber(found or '')
    if uid and (not start or before(start, uid)) then start = uid end
  end
  return start and string.format('%.0f', start) or ask.from
end

-- The kinds merged in the order of the page. Of each only what is needed is read, a stretch at a time.
local stretch = 64
local heads = {}
local from = start_of_walk()
for _, key in ipairs(kinds) do
  local uids = range(key, from, last, ask.time and stretch or math.min(stretch, wanted))
  if #uids > 0 then heads[#heads + 1] = { key = key, uids = uids, at = 1, head = tonumber(uids[1]) } end
end
if not ask.time then
  -- No kind whose newest task lies behind that many others can be on the page.
  table.sort(heads, function(a, b) return before(a.head, b.head) end)
  for place = #heads, wanted + 1, -1 do heads[place] = nil end
end

local low, high, low_open, high_open
if ask.time then
  low_open, low = string.match(ask.time.low, '^(%(?)(.*)$')
  high_open, high = string.match(ask.time.high, '^(%(?)(.*)$')
  low = low == '-inf' and -math.huge or tonumber(low)
  high = high == '+inf' and math.huge or tonumber(high)
end
local function in_time(key, uid)
  if not ask.time then return true end
  local score = redis.call('ZSCORE', key .. ':' .. ask.time.name, uid)
  if not score then return false end
  local at = tonumber(score)
  return at > low and at < high
end

local answer, walked = { total }, 0
while #answer <= wanted and #heads > 0 do
  local best = 1
  for place = 2, #heads do if before(heads[place].head, heads[best].head) then best = place end end
  local one = heads[best]
  local uid = one.uids[one.at]
  walked = walked + 1
  if walked > walked_max then return { total, 'scan' } end
  if in_time(one.key, uid) then answer[#answer + 1] = uid end
  one.at = one.at + 1
  if one.at > #one.uids then
    one.uids = range(one.key, '(' .. uid, last, stretch)
    one.at = 1
  end
  if #one.uids == 0 then table.remove(heads, best) else one.head = tonumber(one.uids[one.at]) end
end
return answer
