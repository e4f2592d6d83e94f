/**
 * The first part of each script of permits: it reads the state, advances its time, and counts what has expired. What a token needs in
 * Redis is one value under one key, so that it is there as a whole or not at all. `ARGV`: speed and offset of the time, a member.
 */
export const PERMIT_STATE = `
local KEY = KEYS[1]
local SECOND, MINUTE, HOUR = 1000, 60000, 3600000
local BUCKET, MEMBER_TIMEOUT, MAX_GRANT, ASK_TOLERANCE, STOCK_PART = 500, MINUTE, 16, SECOND, 4
local CALLS_PER_POLL, MIN_CALLS_PER_POLL, POLL_SPACING, SETTLE = 9, 10, 10000, 5 * SECOND
local MAX_WAIT_BUCKETS, NEVER, LAYOUT = 4, -1e15, 1

local clock = redis.call('TIME')
local time = math.floor((clock[1] * 1000 + clock[2] / 1000) * ARGV[1] + ARGV[2])
local function ring(length, width)
  local size = length / width + 1
  return { size = size, width = width, sum = 0, last = 0, counts = string.rep(string.char(0), 4 * size) }
end
local function new_state(now, shift)
  return {
    layout = LAYOUT, epoch = clock[1] .. '.' .. clock[2], revision = 0, created = now, now = now, shift = shift, held = 0, members = {},
    rebuilds = NEVER, settles = NEVER, paused = 0, recovers = 0, granted = NEVER,
    left = 1e15, left_at = 0, left_until = 0, polls_until = 0, polled = NEVER, passed = 0,
    minute = ring(MINUTE, BUCKET), hour = ring(HOUR, 20 * BUCKET),
    poll_minute = ring(MINUTE, 10 * BUCKET), poll_hour = ring(HOUR, MINUTE),
  }
end
-- What cannot be read counts as lost, with what a version of another layout has left.
local function stored_state()
  local value = redis.pcall('GET', KEY)
  if type(value) ~= 'string' then return nil end
  local is_read, state = pcall(cmsgpack.unpack, value)
  if is_read and type(state) == 'table' and state.layout == LAYOUT then return state end
end
local s = stored_state() or new_state(time, 0)

-- A clock that is set back does not take time back: it goes on from there.
s.shift = math.max(s.shift, s.now - time)
s.now = time + s.shift
local now = s.now

local function slot(ring, bucket)
  local place = 4 * (bucket % ring.size)
  return place, (struct.unpack('>I4', ring.counts, place + 1))
end

local function put(ring, place, count)
  ring.counts = ring.counts:sub(1, place) .. struct.pack('>I4', count) .. ring.counts:sub(place + 5)
end

-- The events that count now; a bucket counts until the window has passed after its end.
local function count(ring, at)
  local current = math.floor(at / ring.width)
  ring.last = math.max(ring.last, current - ring.size)
  while ring.last < current do
    ring.last = ring.last + 1
    local place, events = slot(ring, ring.last)
    if events > 0 then
      ring.sum = ring.sum - events
      put(ring, place, 0)
    end
  end
  return ring.sum
end

local function leaving(ring, ms)
  count(ring, now)
  local sum = 0
  for bucket = ring.last + 1, math.floor((now + ms) / ring.width) do
    local _, events = slot(ring, bucket)
    sum = sum + events
  end
  return sum
end

local function add(ring, at, events)
  if events == 0 then return end
  count(ring, at)
  local bucket = math.floor(at / ring.width)
  if bucket <= ring.last - ring.size then return end
  local place, before = slot(ring, bucket)
  put(ring, place, before + events)
  ring.sum = ring.sum + events
end

local function remove(id, member, at)
  s.members[id] = nil
  s.held = s.held - member.held
  add(s.minute, at, member.held)
  add(s.hour, at, member.held)
end

local expired = {}
for id, member in pairs(s.members) do
  if member.expires <= now then expired[#expired + 1] = id end
end
for _, id in ipairs(expired) do remove(id, s.members[id], s.members[id].expires) end

local function save()
  redis.call('SET', KEY, cmsgpack.pack(s), 'PX', 2 * HOUR)
end
`;
