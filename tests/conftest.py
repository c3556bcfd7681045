"""The services that tests share: each is real, and is started when the first test asks for it."""

import os
import signal

# A `make run` beside the tests must not lend them its database and its Redis.
os.environ["RUN_FILE"] = os.devnull

# A script's background job ignores Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.services.environment",
    "tests.services.missing",
    "tests.services.odbc",
    "tests.services.processes",
    "tests.services.redis",
    "tests.services.auth_emulator",
    "tests.services.azurite",
    "tests.services.host",
    "tests.services.browser",
    "tests.services.tsql",
    "tests.services.databases",
    "tests.services.sample",
    "tests.identity.fixtures",
]
