"""The cache: lists are served from memory or Redis, and never lack an acknowledged write.

The rules are numbered in docs/protocol.md. Start with `reader.CacheReader._current`: it decides
where a list comes from. Whether a list is new enough is `required_version.RequiredVersion.allows`.

The read path, in the order of a read:

- `reader`            memory copy, else `fills`; a stale list while SQL is unavailable
- `required_version`  how new the list must be; the fill lock; the rollback detector
- `lease`             the versions in SQL, polled and trusted for the lease seconds
- `memory`            memory copies
- `stored_lists`      lists in Redis, in the format of `list_format`
- `fills`             the stored list, else a list from SQL: once for all callers and instances
- `bodies`            rows to JSON and gzip, once; pages are cut from it

The write path:

- `writer`            insert, push the new versions to Redis, acknowledge, rebuild

Below both:

- `single_flight`     never two runs of one key: join the running one, or share the next one
- `cached_list`       a list in memory, and the answer to a read
- `unknown_genres`    genres that the lease does not know
- `store`             the port to Redis, and NoStore where there is none; `circuit_breaker`
- `redis`             the port's adapter, with the scripts
- `status`            what operators see: `list_states` compares what Redis has with SQL

The other port, to SQL, is `shared/repository/database.py`. Outside of `redis` this package knows
nothing of HTTP, Azure or a driver.
"""
