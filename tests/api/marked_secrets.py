"""Secrets with a random mark, so that a test can search logs and answers for them."""

import uuid
from typing import Final

MARK: Final = f"s3cret{uuid.uuid4().hex}"
SETTINGS: Final = {
    "FIREBASE_API_KEY": MARK,
    "STORAGE_CONNECTION_STRING": f"AccountName=marked;AccountKey={MARK}==",
}


def with_password(redis_url: str) -> str:
    """The URL with MARK as the password."""
    return redis_url.replace("redis://", f"redis://:{MARK}@")
