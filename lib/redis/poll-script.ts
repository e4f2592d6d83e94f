import { redisScript } from './redis-link';

/**
 * One exchange of a member, on the clock of Redis. It decides what the MemoryPolls of the specs decide, which are easier to
 * read.
 *
 * `polls` is a hash: the last sequence number, the leader and since when it leads, the changes of leaders since the last state,
 * the requests of the last round. `members` has when each member expires, `demands` what it waits for: `<sequence> <time>
 * <json>`. States are in two hashes by turns, `<sequence> <sent at> <json>`, each for half a minute: so they are forgotten
 * without a list of them.
 */
export const EXCHANGE_POLLS = redisScript(`
local BOARD, MEMBERS, DEMANDS = KEYS[1], KEYS[2], KEYS[3]
local PERIOD, MAX_CHANGES, CHUNK = 30000, 16, 1000
local speed, offset, member, lease, is_overdue, cursor, requests, demands =
  tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5] == '1', tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local FIRST_STATE = 9
local function text(number) return string.format('%.0f', number) end
-- Parts of these keys may be lost, or written by another program: what cannot be read counts as lost.
local MAX_DIGITS = 15
for _, key in ipairs(KEYS) do
  if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
end
local function whole(stored)
  local digits = string.match(stored or '', '^%d+$')
  return digits and #digits <= MAX_DIGITS and tonumber(digits) or nil
end
local function parse(stored)
  local number, at, rest = string.match(stored or '', '^(%d+) (-?%d+) (.*)$')
  if number and #number <= MAX_DIGITS and #at <= MAX_DIGITS then return number, at, rest end
end
local function decode(json)
  local is_json, value = pcall(cjson.decode, json)
  return is_json and type(value) == 'table' and value
end
local function expire(key, ms) redis.call('PEXPIRE', key, math.ceil(ms / math.max(speed, 0.01))) end
local time = redis.call('TIME')
local now = math.floor((tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000) * speed + offset)

-- Members that were not heard of, or whose demands were lost: those have to report anew.
local expiries = redis.call('HGETALL', MEMBERS)
local has_demands, alive = {}, {}
for _, name in ipairs(redis.call('HKEYS', DEMANDS)) do has_demands[name] = true end
for at = 1, #expiries, 2 do
  local name = expiries[at]
  if has_demands[name] and (whole(expiries[at + 1]) or 0) > now then alive[name] = true
  else redis.call('HDEL', MEMBERS, name) end
end
for name in pairs(has_demands) do
  if not alive[name] then redis.call('HDEL', DEMANDS, name) end
end
local _, _, before = parse(redis.call('HGET', DEMANDS, member))
if not before then alive[member] = nil end
local board = redis.call('HMGET', BOARD, 'sequence', 'leader', 'since', 'changes', 'requests')
-- After a loss of memory it is higher than before.
local sequence = whole(board[1]) or now
local leader, since, changes = board[2], whole(board[3]) or 0, whole(board[4]) or 0
local last_requests = whole(board[5]) or 0
if leader and not alive[leader] then leader = false end
local was_known, was_leader = alive[member], leader == member

-- States. A member that is not known has slept: they may be older than it thinks.
local period = math.floor(now / PERIOD)
local function states_of(which)
  local key = KEYS[4 + which % 2]
  if redis.call('HGET', key, '') == text(which) then return key end
end
if was_known and #ARGV >= FIRST_STATE then
  sequence = sequence + 1
  changes = 0
  if was_leader then last_requests = requests end
  local current, former = states_of(period), states_of(period - 1)
  if not current then
    current = KEYS[4 + period % 2]
    redis.call('DEL', current)
    redis.call('HSET', current, '', text(period))
  end
  for at = FIRST_STATE, #ARGV, 3 do
    local sent_at = now - tonumber(ARGV[at + 1])
    local known = redis.call('HGET', current, ARGV[at]) or former and redis.call('HGET', former, ARGV[at])
    local _, known_at = parse(known)
    if not known_at or tonumber(known_at) < sent_at then
      redis.call('HSET', current, ARGV[at], text(sequence) .. ' ' .. text(sent_at) .. ' ' .. ARGV[at + 2])
    end
  end
  expire(current, 3 * PERIOD)
end

-- Demands.
if demands == '{}' then
  alive[member] = nil
  redis.call('HDEL', MEMBERS, member)
  redis.call('HDEL', DEMANDS, member)
elseif demands ~= '' then
  sequence = sequence + 1
  alive[member] = true
  redis.call('HSET', DEMANDS, member, text(sequence) .. ' ' .. text(now) .. ' ' .. demands)
end
if alive[member] then redis.call('HSET', MEMBERS, member, text(now + lease)) end

-- The leader.
if leader and not alive[leader] then leader = false end
if alive[member] and leader ~= member then
  if not leader then leader, since = member, now
  elseif is_overdue and now - since >= lease * 2 ^ changes then
    leader, since, changes = member, now, math.min(MAX_CHANGES, changes + 1)
  end
end
redis.call('HSET', BOARD, 'sequence', text(sequence), 'since', text(since), 'changes', changes, 'requests', last_requests)
if leader then redis.call('HSET', BOARD, 'leader', leader) else redis.call('HDEL', BOARD, 'leader') end
for at = 1, 3 do expire(KEYS[at], math.max(4 * PERIOD, 4 * lease)) end

-- The answer.
local leads = leader == member
if cursor > sequence then cursor = 0 end
local answer = { leads = leads, isKnown = alive[member] or false, cursor = text(sequence), requests = last_requests }
answer.others, answer.demands, answer.states = {}, {}, {}
if leads then
  for name in pairs(alive) do
    if name ~= member then
      table.insert(answer.others, name)
      local number, at, json = parse(redis.call('HGET', DEMANDS, name))
      if number and (not was_leader or tonumber(number) > cursor) then
        answer.demands[name] = { age = now - tonumber(at), demands = json }
      end
    end
  end
end
if not was_leader and alive[member] and (demands ~= '' or sequence > cursor) then
  local wanted = decode(demands ~= '' and demands or before)
  answer.isKnown = wanted and true
  local waited = demands ~= '' and (decode(before) or {})
  local targets = {}
  for target in pairs(wanted or {}) do table.insert(targets, target) end
  for _, which in ipairs({ period - 1, period }) do
    local key = states_of(which)
    for from = 1, key and #targets or 0, CHUNK do
      local to = math.min(from + CHUNK - 1, #targets)
      for place, stored in ipairs(redis.call('HMGET', key, unpack(targets, from, to))) do
        local target = targets[from + place - 1]
        local number, sent_at, state = parse(stored)
        if number and (tonumber(number) > cursor or waited and not waited[target]) then
          answer.states[target] = { age = now - tonumber(sent_at), json = state }
        end
      end
    end
  end
end
return cjson.encode(answer)
`);
