"""The keys of a scope. Tagging the whole list key puts all three in one Redis Cluster slot."""

from dataclasses import dataclass
from typing import Final

PREFIX: Final = "spotify:features:"


@dataclass(frozen=True, slots=True)
class Keys:
    """K, the list; G, its newest known version; L, its fill lock."""

    list: str
    version: str
    lock: str

    @classmethod
    def of(cls, scope: str) -> "Keys":
        key = f"{PREFIX}{scope}"
        return cls(key, f"{{{key}}}:version", f"{{{key}}}:lock")
