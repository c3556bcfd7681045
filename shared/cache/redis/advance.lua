-- advance(list, known version, fill lock; epoch, number, owner, lost)
-- Raise the known version to (epoch, number) and delete an older stored list (rule 29).
-- Idempotent; calls may come in any order. Only the owner of the fill lock creates a missing known version.
-- lost: '' or, after a rollback, the greatest number that SQL no longer has. What lies between
-- `number` and it is dropped.
local epoch, number, owner, lost = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

-- A version's number is below 2^53, which has sixteen digits (rule 3).
local function parsed(text)
  if text and #text <= 16 and string.find(text, '^%d+$') then return tonumber(text) end
  return nil
end

local function read_known()
  local text = redis.pcall('GET', KEYS[2])
  if type(text) ~= 'string' then return nil end
  local e, n = string.match(text, '^([^:]+):(%d+)$')
  if e == epoch then return parsed(n) end
  return nil
end

local function read_list()
  local pair = redis.pcall('HMGET', KEYS[1], 'e', 'v')
  if type(pair) == 'table' and pair[1] == epoch then return parsed(pair[2]) end
  return nil
end

local function is_lost(n)
  return lost and n and number < n and n <= lost
end

local known, list = read_known(), read_list()
if is_lost(known) then known = nil end
if is_lost(list) then list = nil end

local holder = redis.pcall('GET', KEYS[3])
local newest
if known and known >= number then
  newest = known
else
  if known or (owner ~= '' and holder == owner) then
    redis.call('SET', KEYS[2], epoch .. ':' .. ARGV[2])
    newest = number
  else
    redis.call('DEL', KEYS[2])
  end
  -- An older fill must not create the known version afterwards.
  if holder and holder ~= owner then redis.call('DEL', KEYS[3]) end
end
if not list or list < (newest or number) then redis.call('DEL', KEYS[1]) end
return newest and string.format('%.0f', newest) or ''
