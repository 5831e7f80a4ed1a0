-- What the scripts on tasks share: where a task is filed so that every filter of a list finds it.
--
-- miroir:tasks:<uid>           hash, the task; without long values, so that the server packs it tightly
-- miroir:tasks:<uid>:nodes     its node tasks, as JSON
-- miroir:tasks:_index          sorted set, its name by its uid
-- miroir:tasks:_open           sorted set, uids of tasks that have not ended
-- miroir:tasks:_owners         hash, uid of an open task to the router that follows it
-- miroir:tasks:_adopted        hash, uid of an open task that has changed hands to the number of that change and its new owner
-- miroir:tasks:_kinds          set of "index|type|status" that there are tasks of
-- miroir:tasks:kind:<kind>     sorted set, uid by uid; with :created, :started and :finished behind it, uid by time
-- miroir:tasks:canceled_by:<uid>  sorted set, uids of the tasks that this cancelation meant
-- miroir:tasks:_order          hash: how far tasks are out of the order of their creation, and, since there is anything
--                              noted of that, by how much at most one was started or ended after and before its creation
local TASKS = 'miroir:tasks:'
local FILED_BY = { 'index_uid', 'type', 'status', 'created_at', 'started_at', 'finished_at', 'canceled_by' }
local TIMES = { created = 'created_at', started = 'started_at', finished = 'finished_at' }

local function is_open(status)
  return status == 'enqueued' or status == 'processing'
end

local function kind_key(kind)
  return TASKS .. 'kind:' .. kind
end

local function kind_of(filed)
  return (filed.index_uid or '') .. '|' .. filed.type .. '|' .. filed.status
end

-- What decides where a task is filed, or nil when there is no such task.
local function filed_of(uid)
  local values = redis.call('HMGET', TASKS .. uid, unpack(FILED_BY))
  if not values[2] then return nil end
  local filed = {}
  for place, name in ipairs(FILED_BY) do filed[name] = values[place] or nil end
  return filed
end

local function write(uid, fields)
  local short = {}
  for place = 1, #fields, 2 do
    if fields[place] == 'node_tasks' then
      redis.call('SET', TASKS .. uid .. ':nodes', fields[place + 1])
    else
      short[#short + 1] = fields[place]
      short[#short + 1] = fields[place + 1]
    end
  end
  if #short > 0 then redis.call('HSET', TASKS .. uid, unpack(short)) end
end

-- Bounds where a list has to look for a range of times; clocks of routers differ, so that a task may end before its creation.
local function note_distances(filed)
  local created = tonumber(filed.created_at)
  local known = redis.call('HMGET', TASKS .. '_order', 'after_ms', 'before_ms')
  local after, before = tonumber(known[1] or '0'), tonumber(known[2] or '0')
  for _, column in ipairs({ 'started_at', 'finished_at' }) do
    local at = tonumber(filed[column] or filed.created_at)
    after, before = math.max(after, at - created), math.max(before, created - at)
  end
  if after > tonumber(known[1] or '0') then
    redis.call('HSET', TASKS .. '_order', 'after_ms', string.format('%.17g', after))
  end
  if before > tonumber(known[2] or '0') then
    redis.call('HSET', TASKS .. '_order', 'before_ms', string.format('%.17g', before))
  end
end

local function file(uid, filed)
  note_distances(filed)
  local kind = kind_of(filed)
  redis.call('SADD', TASKS .. '_kinds', kind)
  redis.call('ZADD', kind_key(kind), uid, uid)
  for name, column in pairs(TIMES) do
    if filed[column] then redis.call('ZADD', kind_key(kind) .. ':' .. name, filed[column], uid) end
  end
  if filed.canceled_by then redis.call('ZADD', TASKS .. 'canceled_by:' .. filed.canceled_by, uid, uid) end
  if is_open(filed.status) then
    redis.call('ZADD', TASKS .. '_open', uid, uid)
  else
    redis.call('HDEL', TASKS .. '_owners', uid)
    redis.call('HDEL', TASKS .. '_adopted', uid)
  end
end

local function unfile(uid, filed)
  local kind = kind_of(filed)
  redis.call('ZREM', kind_key(kind), uid)
  for name in pairs(TIMES) do redis.call('ZREM', kind_key(kind) .. ':' .. name, uid) end
  if redis.call('EXISTS', kind_key(kind)) == 0 then redis.call('SREM', TASKS .. '_kinds', kind) end
  if filed.canceled_by then redis.call('ZREM', TASKS .. 'canceled_by:' .. filed.canceled_by, uid) end
  redis.call('ZREM', TASKS .. '_open', uid)
end

local function forget(uid, filed)
  unfile(uid, filed)
  redis.call('HDEL', TASKS .. '_owners', uid)
  redis.call('HDEL', TASKS .. '_adopted', uid)
  redis.call('ZREM', TASKS .. '_index', redis.call('HGET', TASKS .. uid, 'miroir_id'))
  redis.call('DEL', TASKS .. uid, TASKS .. uid .. ':nodes')
end

-- Gives an open task to another router. Noted under a number of its own, so that a router which did not get the answer is
-- told again, and one that did is not.
local function hand_over(uid, owner)
  local number = string.format('%.0f', redis.call('INCR', 'miroir:counter:adoption'))
  redis.call('HSET', TASKS .. '_owners', uid, owner)
  redis.call('HSET', TASKS .. '_adopted', uid, number .. ' ' .. owner)
  return number
end
