"""`browser`: Debian's Chromium, without a window."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from local.programs import CHROMIUM
from tests.services.required_service import required_service

if TYPE_CHECKING:  # every test run loads this module, and few need a browser
    from playwright.sync_api import Browser

ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's is too small for a page
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Playwright's event loop runs while it is open: no async test in a module that asks for it."""
    from playwright.sync_api import sync_playwright

    with required_service():
        program = CHROMIUM.path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()
