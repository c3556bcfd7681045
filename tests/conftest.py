"""The services that tests share: each is real, and is started when the first test asks for it."""

import os
import signal

# A `make run` beside the tests must not lend them its database and its Redis.
os.environ["RUN_FILE"] = os.devnull

# A script's background job ignores Ctrl-C, and nohup hang-ups: so would the programs that tests
# stop. What has a handler here, though it does nothing, is not ignored by what is started here.
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
    "tests.services.browser",
    "tests.services.tsql",
    "tests.services.databases",
    "tests.services.sample_database",
    "tests.auth.fixtures",
]
