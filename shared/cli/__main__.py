"""Run the command, and say plainly what went wrong."""

import sys

from shared.cli import build_app
from shared.cli.console import complain
from shared.errors import ApiError
from shared.repository.load_target import LoadError
from shared.settings import SettingsError


def main() -> int:
    """The exit status of a command that failed: 1 for its work, 2 for the settings."""
    try:
        build_app()()
    except SettingsError as error:
        complain(str(error))
        return 2
    except LoadError as error:
        complain(str(error))
    except ApiError as error:
        complain(error.detail)
    return 1


if __name__ == "__main__":
    sys.exit(main())
