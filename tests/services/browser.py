"""`browser`: Debian's Chromium, without a window."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from local.programs import CHROMIUM
from tests.services.required_service import required_service

if TYPE_CHECKING:  # every test run imports this module, and few use a browser
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
    """Start Chromium. Playwright's event loop runs, so a module that uses it has no async tests."""
    from playwright.sync_api import sync_playwright

    with required_service():
        program = CHROMIUM.path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()
