"""The cache: lists are served from memory or Redis, and never lack an acknowledged write.

The rules are numbered in docs/protocol.md. Start with `reader.CacheReader._current`: it is a read
from the first line to the last.

The read path, in the order of a read:

- `reader`            memory copy, else stored list, else fill; a stale list if SQL is unavailable
- `required_version`  how new the list must be; the fill lock; the rollback detector
- `lease`             the versions in SQL, polled and trusted for the lease seconds
- `memory`            memory copies
- `stored_lists`      lists in Redis, in the format of `list_format`
- `fills`             a list from SQL, once for all callers and instances
- `bodies`            rows to JSON and gzip, once; pages are cut from it

The write path:

- `writer`            insert, push the new versions to Redis, acknowledge, rebuild

Below both:

- `single_flight`     one run at a time: join the running one, or share the next one
- `cached_list`       a list on its way, and the answer that carries it
- `unknown_genres`    genres that the lease does not know
- `store`             the port to Redis, and its absence; `circuit_breaker` in front of it
- `redis`             the port's adapter, with the two scripts
- `status`            every list's state, for an operator

The other port, to SQL, is `shared/repository/database.py`. This package knows nothing of HTTP,
Azure or a driver.
"""
