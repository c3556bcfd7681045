"""A page in the browser, with what went wrong on it, and the person who signs in there."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

from tests.api.emulator_users import PASSWORD, SignedInUser
from tests.services.long_timeouts import LONG_SECONDS

WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Watched:
    """A page, and the errors that happened on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.hosts: set[str] = set()
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def fits(self) -> bool:
        """Whether nothing of the page is to the right of the screen."""
        beyond: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return beyond <= 0


@contextmanager
def opened_page(browser: Browser, url: str, width: int, **options: str) -> Iterator[Watched]:
    """Open the page. Afterwards: its policy refused nothing, and no other host was called."""
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
    page.set_default_timeout(LONG_SECONDS * 1000)
    watched = Watched(page)
    page.goto(url)
    yield watched
    assert watched.violations() == []
    assert watched.faults == []
    assert watched.hosts == {urlsplit(url).netloc}
    page.close()


def sign_in(page: Page, person: SignedInUser, password: str = PASSWORD) -> None:
    """Fill the form in and send it; with the right password, wait until it is accepted."""
    page.fill("#email", person.email)
    page.fill("#password", password)
    page.click("#log-in")
    if password == PASSWORD:
        page.wait_for_selector("#signed-in:not([hidden])")
