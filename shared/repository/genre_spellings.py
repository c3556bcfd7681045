"""How the genres of one load are spelt: as the database has them, else as first staged."""

import sqlalchemy as sa

from shared.repository.sqlite_staging import RESPELL
from shared.repository.tables import cache_version
from shared.tracks.genres import fold


class Spellings:
    def __init__(self) -> None:
        self._by_folded: dict[str, str] = {}
        self._by_name: dict[str, str] = {}

    def canonical(self, name: str) -> str:
        """One spelling per genre within the load."""
        known = self._by_name.get(name)
        if known is None:
            known = self._by_folded.setdefault(fold(name), name)
            self._by_name[name] = known
        return known

    def adopt(self, connection: sa.Connection) -> None:
        """Take over the stored spellings, for what is staged already too."""
        for scope in connection.scalars(sa.select(cache_version.c.scope)):
            ours = self._by_folded.get(fold(scope))
            if ours is not None and ours != scope:
                connection.execute(RESPELL, {"ours": ours, "stored": scope})
                self._by_folded[fold(scope)] = scope
        self._by_name.clear()
