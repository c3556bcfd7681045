"""The services that tests share: each is real, and is started when the first test asks for it."""

pytest_plugins = [
    "tests.services.redis",
    "tests.services.auth_emulator",
    "tests.services.azurite",
    "tests.services.host",
    "tests.services.tsql",
    "tests.services.databases",
    "tests.identity.fixtures",
]
