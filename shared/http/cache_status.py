"""What the cache did, in the words of RFC 9211."""

from typing import Final

from shared.cache.cached_list import Outcome, Served

NAME: Final = "SmartCache"


def cache_status(served: Served) -> str:
    """The Cache-Status field: hit or forwarded, why, and the time to live in seconds."""
    ttl = int(served.remaining)
    stored = "; stored" if served.stored else ""
    match served.outcome:
        case Outcome.MEMORY | Outcome.REDIS:
            return f"{NAME}; hit; ttl={ttl}; detail={served.outcome}"
        case Outcome.STALE:
            # Negative: for so many seconds nobody could say whether the list is right.
            return f"{NAME}; hit; ttl={min(-1, ttl)}; detail=stale-if-error"
        case Outcome.COLLAPSED:
            return f"{NAME}; fwd=miss; ttl={ttl}{stored}; collapsed"
        case Outcome.FILLED:
            return f"{NAME}; fwd=miss; ttl={ttl}{stored}"
        case Outcome.UNKNOWN:
            return f"{NAME}; fwd=miss; detail=unknown-genre"
