"""A lock for imports at first use.

Modules of a package may import each other, as redis-py's do. If two threads import such a package
from different ends, each waits for a module that the other is importing, and the interpreter ends
one of the imports with a _DeadlockError (CPython, Lib/importlib/_bootstrap.py, _ModuleLock).
"""

import threading
from typing import Final

IMPORTING: Final = threading.RLock()
"""Hold it to import a library at first use, or to call code that may. One for the process."""
