-- lock(fill lock; owner, life in ms): take the lock if it is free (rule 21).
-- Ours always expire: one without an end was written by another program, and nobody would free it.
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('DEL', KEYS[1]) end
return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
