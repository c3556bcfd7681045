"""Run one command; an error becomes a message on stderr and the exit status."""

import logging
import sys
from typing import Final

import typer

from shared.cache.store import StoreUnavailable
from shared.cli import build_app
from shared.cli.console import discard, escape_unknown_characters, print_error
from shared.errors import ApiError, SettingsError
from shared.ingest.storage_names import without_secrets
from shared.repository.load_target import LoadError

_USAGE: Final = 2
_FAILED: Final = 1


def main() -> int:
    """Return the exit status of the command."""
    escape_unknown_characters()
    # azure-identity logs each way to sign in that it tries; the command's error says what to do.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    try:
        status = build_app()(standalone_mode=False)
    except typer.TyperException as error:
        _print_usage(error)
        return _USAGE
    except SettingsError as error:
        print_error(*str(error).splitlines())
        return _USAGE
    except ApiError as error:
        print_error(*_described(error))
    except LoadError as error:
        print_error(without_secrets(str(error)))
    except StoreUnavailable as error:
        print_error(f"Redis cannot be used from here: {error}")
    except OSError as error:
        discard(sys.stdout)
        print_error(f"{error.filename or 'The output'} cannot be used: {error.strerror or error}.")
    else:
        return int(status or 0)
    return _FAILED


def _print_usage(error: typer.TyperException) -> None:
    """Print what is wrong with the command line, without a signature that it may contain."""
    message = error.format_message()  # empty if no command was given: the help was printed
    context = getattr(error, "ctx", None)
    if message and context is not None:
        print_error(*context.get_usage().splitlines(), without_secrets(message))


def _described(error: ApiError) -> list[str]:
    """The wrong fields where the error names them, else its detail."""
    wrong = [f"{field.field}: {field.message}" for field in error.fields]
    return wrong or [error.detail]


if __name__ == "__main__":
    sys.exit(main())
