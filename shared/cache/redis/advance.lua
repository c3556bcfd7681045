-- advance(K, G, L; epoch, number, token, void): raise G, delete an older K.
-- Idempotent and free of order. Only the holder of L creates a missing G.
-- void ('' or a number): what a restored database has lost, up to this number, is dropped.
local epoch, number, token, void = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

-- Below 2^53, which has sixteen digits; anything else is no number of a version.
local function parsed(text)
  if text and #text <= 16 and string.find(text, '^%d+$') then return tonumber(text) end
  return nil
end

local function known()
  local text = redis.pcall('GET', KEYS[2])
  if type(text) ~= 'string' then return nil end
  local e, n = string.match(text, '^([^:]+):(%d+)$')
  if e == epoch then return parsed(n) end
  return nil
end

local function listed()
  local pair = redis.pcall('HMGET', KEYS[1], 'e', 'v')
  if type(pair) == 'table' and pair[1] == epoch then return parsed(pair[2]) end
  return nil
end

local function lost(n)
  return void and n and number < n and n <= void
end

local g, k = known(), listed()
if lost(g) then g = nil end
if lost(k) then k = nil end

local holder = redis.pcall('GET', KEYS[3])
local out
if g and g >= number then
  out = g
else
  if g or (token ~= '' and holder == token) then
    redis.call('SET', KEYS[2], epoch .. ':' .. ARGV[2])
    out = number
  else
    redis.call('DEL', KEYS[2])
  end
  -- An older fill must not create G afterwards.
  if holder and holder ~= token then redis.call('DEL', KEYS[3]) end
end
if not k or k < (out or number) then redis.call('DEL', KEYS[1]) end
return out and string.format('%.0f', out) or ''
