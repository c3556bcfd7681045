"""What a missing program means: a skipped test on a laptop, a failure in CI."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.services import MissingProgramError


@contextmanager
def required_service() -> Iterator[None]:
    """Turn MissingProgramError into a skip, or into a failure when CI is set."""
    try:
        yield
    except MissingProgramError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have every service: {error}", pytrace=False)
        pytest.skip(str(error))
