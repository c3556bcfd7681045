"""What the cache did, in the words of RFC 9211."""

from shared.catalog.served import Outcome, Served

NAME = "SmartCache"


def cache_status(served: Served) -> str:
    """The Cache-Status field: hit or forwarded, why, and the time to live in seconds."""
    ttl = int(served.remaining)
    match served.outcome:
        case Outcome.MEMORY | Outcome.REDIS:
            return f"{NAME}; hit; ttl={ttl}; detail={served.outcome}"
        case Outcome.STALE:
            # Negative: for so many seconds nobody could say whether the list is right.
            return f"{NAME}; hit; ttl={min(-1, ttl)}; detail=stale-if-error"
        case Outcome.COLLAPSED:
            return f"{NAME}; fwd=miss; collapsed; ttl={ttl}"
        case Outcome.FILLED:
            return f"{NAME}; fwd=miss; ttl={ttl}"
        case Outcome.UNKNOWN:
            return f"{NAME}; fwd=miss; detail=unknown-genre"
