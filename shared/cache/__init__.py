"""The heart: records, versions, and the cache that is never wrong. Knows nothing of HTTP."""
