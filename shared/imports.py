"""Imports at first use, by one thread at a time.

Two threads may enter a package whose modules import each other, as redis-py's do, at different
ends: each waits for a module that the other one is importing, until the interpreter ends one of
the two imports with a _DeadlockError (CPython, Lib/importlib/_bootstrap.py, _ModuleLock).
"""

import threading
from typing import Final

IMPORTING: Final = threading.RLock()
"""Held by whoever imports a library late, or calls what may do so. There is one for the process,
as there is one table of modules."""
