"""Lua scripts, sent once to each server and called by their digest afterwards."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

from redis.exceptions import NoScriptError

from shared.cache.redis.client import Client


class Script:
    """One script; it is atomic, and all its keys stand in one cluster slot."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Client, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        try:
            return await client.evalsha(self._digest, len(keys), *keys, *arguments)
        except NoScriptError:
            return await client.eval(self._source, len(keys), *keys, *arguments)


def load_script(name: str) -> Script:
    return Script((resources.files(__package__) / f"{name}.lua").read_text("utf-8"))
