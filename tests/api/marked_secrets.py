"""Secrets that can be told from everything else: where one turns up, it is found."""

import uuid
from typing import Final

MARK: Final = f"s3cret{uuid.uuid4().hex}"
SETTINGS: Final = {
    "FIREBASE_API_KEY": MARK,
    "STORAGE_CONNECTION_STRING": f"AccountKey={MARK}",
}


def with_password(redis_url: str) -> str:
    """The URL of a Redis that requires MARK."""
    return redis_url.replace("redis://", f"redis://:{MARK}@")
