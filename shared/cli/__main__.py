"""Run one command; an error becomes a message on stderr and the exit status."""

import sys

from shared.cache.store import StoreUnavailable
from shared.cli import build_app
from shared.cli.console import print_error
from shared.errors import ApiError, SettingsError
from shared.repository.load_target import LoadError


def main() -> int:
    """Return the exit status of a command that failed; the others raise SystemExit."""
    try:
        build_app()()
    except SettingsError as error:
        print_error(str(error))
        return 2
    except ApiError as error:
        print_error(_described(error))
    except LoadError as error:
        print_error(str(error))
    except StoreUnavailable as error:
        print_error(f"Redis cannot be used from here: {error}")
    return 1


def _described(error: ApiError) -> str:
    """The wrong fields where the error names them, else its detail."""
    wrong = [f"{field.field}: {field.message}" for field in error.fields]
    return "\n".join(wrong) or error.detail


if __name__ == "__main__":
    sys.exit(main())
