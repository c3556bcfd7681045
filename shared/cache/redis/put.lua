-- put(list, known version; epoch, number, ttl in ms, renew, field, value, ...)
-- Store a list unless it is older than the known version, which is never changed (rule 30).
-- A field that is added to a list of the same version does not extend its life, unless `renew`.
local epoch, number = ARGV[1], tonumber(ARGV[2])

local text = redis.pcall('GET', KEYS[2])
local e, n
if type(text) == 'string' then e, n = string.match(text, '^([^:]+):(%d+)$') end
if e ~= epoch or #n > 16 then return 'no-generation' end
if number < tonumber(n) then return 'older' end

local pair = redis.pcall('HMGET', KEYS[1], 'e', 'v')
local is_ours = type(pair) == 'table' and pair[1] == epoch
local digits = is_ours and pair[2] and string.match(pair[2], '^%d+$')
local listed = digits and #digits <= 16 and tonumber(digits)
if listed and listed > number then return 'kept-newer' end
local is_new = listed ~= number or ARGV[4] == '1'
-- Changes nothing, but fails when memory is full: after a DEL, Redis would let the script write.
redis.call('SETRANGE', KEYS[2], 0, '')
if is_new then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'e', epoch, 'v', ARGV[2], unpack(ARGV, 5))
if is_new then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 'stored'
