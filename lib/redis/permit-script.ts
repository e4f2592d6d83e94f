import { PERMIT_STATE } from './permit-state';
import { redisScript } from './redis-link';

const LEAVE = `
local member = s.members[ARGV[3]]
if member then
  remove(ARGV[3], member, now)
  save()
end
return ''
`;

const EXCHANGE = `
local id = ARGV[3]
-- Nothing, for a member that has seen no state.
local report_epoch, report_revision = ARGV[4]:match('^(.*):(%d+)$')
local r = {}
local names = {
  'sequence', 'per_minute', 'per_hour', 'returns', 'held', 'ended', 'ended_ago', 'acknowledged', 'recent_minute', 'recent_hour', 'calls',
  'polls', 'expects_polls', 'spare', 'pause', 'left', 'left_for',
}
for place, name in ipairs(names) do r[name] = tonumber(ARGV[4 + place]) end

-- A Redis that starts with an older dump does not know what has happened since: it begins anew.
if report_epoch == s.epoch and tonumber(report_revision) > s.revision then s = new_state(now, s.shift) end
s.revision = s.revision + 1

-- Both windows, less the rest of the share of polls for calls while waits are under way.
local smallest = math.min(math.floor(r.per_minute / MIN_CALLS_PER_POLL), math.floor(r.per_hour / MIN_CALLS_PER_POLL))
local spacing = smallest == 0 and math.huge or math.max(
  POLL_SPACING,
  MINUTE / math.floor(r.per_minute / MIN_CALLS_PER_POLL),
  HOUR / math.floor(r.per_hour / MIN_CALLS_PER_POLL)
)
local function reserved(limit, length, polls)
  if spacing == math.huge then return 0 end
  local share = math.min(math.floor(limit / MIN_CALLS_PER_POLL), math.floor(length / spacing) + 1)
  return math.max(0, share - count(polls, now))
end
local function left_of_limits(is_reserved)
  local minute = r.per_minute - count(s.minute, now) - s.held
  local hour = r.per_hour - count(s.hour, now) - s.held
  if is_reserved then
    minute = minute - reserved(r.per_minute, MINUTE, s.poll_minute)
    hour = hour - reserved(r.per_hour, HOUR, s.poll_hour)
  end
  return minute, hour
end
local function free(is_call)
  local minute, hour = left_of_limits(is_call and now < s.polls_until)
  return math.min(minute, hour, now < s.left_until and s.left or math.huge)
end
local function is_one_by_one()
  return now < s.recovers or (s.left <= 0 and now < s.left_until + MINUTE)
end

local function answer(granted, retry_in)
  local minute, hour = left_of_limits(false)
  return table.concat({
    s.epoch .. ':' .. s.revision, granted, MEMBER_TIMEOUT, retry_in, math.max(0, s.paused - now), is_one_by_one() and 1 or 0,
    math.max(0, s.rebuilds - now), math.max(0, minute), math.max(0, hour),
  }, ' ')
end

local member = s.members[id]
if member and r.sequence <= member.sequence then
  local text = answer(0, 0)
  save()
  return text
end

-- What the member holds, and what has ended.
if not member then
  local ended = report_epoch == s.epoch and r.acknowledged or 0
  member = { held = 0, ended = ended, served = 0, served_at = now, calls = 0, polls = 0, asks_by = 0 }
  s.members[id] = member
end
local ended = math.max(0, r.ended - member.ended)
local ended_at = math.max(s.created, now - r.ended_ago)
add(s.minute, ended_at, math.min(ended, r.recent_minute))
add(s.hour, ended_at, math.min(ended, r.recent_hour))
local function level(of) return of.served * math.exp((of.served_at - now) / MINUTE) end
member.served = math.max(0, level(member) - math.max(0, member.held - r.held - ended))
member.served_at = now
s.held = s.held + r.held - member.held
member.held = r.held
member.ended = math.max(member.ended, r.ended)
member.sequence = r.sequence
member.expires = now + MEMBER_TIMEOUT

-- Members that come back after the memory was lost, or after Redis was away.
if report_epoch and report_epoch ~= s.epoch and now < s.created + MINUTE then
  s.settles = s.created + MINUTE
  s.rebuilds = s.settles - SETTLE
elseif r.returns == 1 and now >= s.settles + MINUTE then
  s.settles = now + SETTLE
end

-- What the server reports.
if r.expects_polls == 1 or r.polls > 0 then s.polls_until = now + MINUTE end
if r.pause >= 0 then
  s.paused = math.max(s.paused, now + math.min(r.pause, MINUTE))
  s.recovers = s.paused + MINUTE
end
if r.left_for >= 0 then
  local left = r.left - s.held
  if left < s.left or now - s.left_at >= SECOND then
    s.left, s.left_at, s.left_until = left, now, now + math.min(r.left_for, MINUTE)
  end
end

local function decide()
  local one_by_one = is_one_by_one()
  local gap = s.held > 0 and SECOND or 100
  local pause = math.max(s.settles - now, s.paused - now, one_by_one and s.granted + gap - now or 0)
  if pause > 0 then return 0, 0, 0, pause end

  local others, members, calls_of_others, polls_of_others = {}, 0, 0, 0
  for _, other in pairs(s.members) do
    members = members + 1
    if other ~= member and other.asks_by >= now then
      others[#others + 1] = other
      calls_of_others = calls_of_others + other.calls
      polls_of_others = polls_of_others + other.polls
    end
  end
  -- Permits go one by one to the member that got the fewest lately.
  local function permits_needed(part, own, kind)
    local sum = part
    for _, other in ipairs(others) do
      sum = sum + math.min(other[kind], math.max(0, math.ceil(own + part - 1 - level(other))))
    end
    return sum
  end
  local function fair_part(kind, wanted, available, own)
    local part, step = 0, 16
    while step >= 1 do
      if part + step <= wanted and permits_needed(part + step, own, kind) <= available then part = part + step end
      step = step / 2
    end
    return part
  end

  local most = one_by_one and 1 or MAX_GRANT
  local available = math.min(free(false), one_by_one and 1 or math.huge)
  local is_owed = s.passed >= CALLS_PER_POLL and polls_of_others + r.polls > 0
  local for_calls = math.min(available, free(true)) - (is_owed and polls_of_others > 0 and 1 or 0)
  local is_due = now >= s.polled + spacing
  local polls = r.polls > 0 and available > 0 and (is_due or is_owed) and 1 or 0
  if polls > 0 and is_due then
    s.polled = now
    add(s.poll_minute, now, 1)
    add(s.poll_hour, now, 1)
  end
  local rest = math.min(available - polls, is_due and for_calls or for_calls - polls)
  local calls = fair_part('calls', math.min(r.calls, most - polls), rest, member.served)
  -- What no call waits for is for polls.
  local more_polls = 0
  if calls_of_others == 0 and calls == r.calls then
    local wanted = math.min(r.polls, most - calls) - polls
    more_polls = fair_part('polls', wanted, rest - calls, member.served + calls)
  end
  polls = polls + more_polls
  if polls > 0 then s.passed = 0 elseif polls_of_others + r.polls > 0 then s.passed = s.passed + calls end

  if calls + polls == most and most < r.calls + r.polls then return calls, polls, 0, 0 end
  if calls + polls < r.calls + r.polls then
    local kind = calls < r.calls and 'calls' or 'polls'
    local needed = permits_needed(1, member.served + calls + polls, kind) + calls + polls
    local minute, hour = left_of_limits(now < s.polls_until)
    local delay = BUCKET - now % BUCKET
    for _ = 2, MAX_WAIT_BUCKETS + math.floor(#others / 4) do
      if leaving(s.minute, delay) >= needed - minute and leaving(s.hour, delay) >= needed - hour then break end
      delay = delay + BUCKET
    end
    return calls, polls, 0, delay
  end
  if one_by_one or calls_of_others + polls_of_others > 0 then return calls, polls, 0, 0 end
  local unwanted = math.max(0, rest - calls - more_polls)
  return calls, polls, math.min(r.spare, math.floor(unwanted / (STOCK_PART * members))), 0
end

local calls, polls, spare, retry_in = decide()
local granted = calls + polls + spare
member.held = member.held + granted
member.served = member.served + granted
member.calls = r.calls - calls
member.polls = r.polls - polls
member.asks_by = now + retry_in + ASK_TOLERANCE
s.held = s.held + granted
s.left = s.left - granted
if granted > 0 then s.granted = now end
local text = answer(granted, retry_in)
save()
return text
`;

/** Decides what a `PermitLedger` decides, with the same names; `ARGV`: speed and offset of the time, the report. */
export const EXCHANGE_SCRIPT = redisScript(PERMIT_STATE + EXCHANGE);

/** What a member holds counts as used from now on. */
export const LEAVE_SCRIPT = redisScript(PERMIT_STATE + LEAVE);
