"""Loads the fixtures that tests share; a service is started for the first test that needs it."""

import os
import signal

# While `make run` runs, its database and Redis would become the defaults of the tests' settings.
os.environ["RUN_FILE"] = os.devnull

# A script's background job ignores SIGINT, and nohup ignores SIGHUP. Programs that tests start
# would inherit that; they do not inherit a handler, even one that does nothing.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

pytest_plugins = [
    "tests.services.clean_environment",
    "tests.services.required_service",
    "tests.services.odbc",
    "tests.services.xdist_scheduling",
    "tests.services.redis",
    "tests.services.auth_emulator",
    "tests.services.azurite",
    "tests.services.functions_host",
    "tests.services.image_python",
    "tests.services.browser",
    "tests.services.compilers",
    "tests.services.tsql",
    "tests.services.databases",
    "tests.services.sample_database",
    "tests.auth.fixtures",
]
