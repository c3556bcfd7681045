"""The documentation page in a real browser, on a narrow and a wide screen."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page

from function_app import ROUTES
from tests.api.emulator_users import PASSWORD, new_user
from tests.api.running_product import Product
from tests.api.watched_page import Watched, opened_page, sign_in

pytestmark = pytest.mark.long

CLICK = "element => element.click()"
"""Click in one step: between a mouse's press and release the page may be drawn again."""


@pytest.fixture(params=[400, 1400], ids=["narrow", "wide"])
def docs(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Watched]:
    with opened_page(browser, f"{product.url}/docs", request.param) as watched:
        watched.page.wait_for_selector(".opblock")
        yield watched


def _opened(page: Page, operation: str) -> Locator:
    """Open the operation's block, and wait until it is drawn again with its schema."""
    block = page.locator(f".opblock[id$='-{operation}']")
    block.locator(".opblock-summary-control").evaluate(CLICK)
    block.locator("button.execute").wait_for()
    block.locator(".opblock-loading-animation").wait_for(state="detached")
    return block


def _executed(page: Page, operation: str) -> Locator:
    block = _opened(page, operation)
    block.locator("button.execute").evaluate(CLICK)
    return block


def _call(page: Page, operation: str) -> str:
    """Open the operation, execute it, and return the status of the answer that is shown."""
    block = _executed(page, operation)
    shown = block.locator(".live-responses-table .response-col_status")
    shown.first.wait_for()
    status = shown.nth(1).inner_text() if shown.count() > 1 else shown.first.inner_text()
    # The page would show this answer again until the next one arrives.
    block.locator("button.btn-clear").evaluate(CLICK)
    shown.first.wait_for(state="detached")
    block.locator(".opblock-summary-control").evaluate(CLICK)
    page.wait_for_selector(f".opblock[id$='-{operation}']:not(.is-open)")
    return status.split()[0]


def test_the_page_shows_every_route_and_fits_its_screen(docs: Watched) -> None:
    shown = docs.page.locator(".opblock:visible .opblock-summary-path").all_inner_texts()
    paths = {path.replace("\u200b", "") for path in shown}
    assert paths == {f"/{route.path.strip('/')}" for route in ROUTES}
    assert docs.fits()


@pytest.mark.parametrize("docs", [1400], ids=["wide"], indirect=True)
def test_a_person_signs_in_calls_every_route_and_reads_each_answer(
    docs: Watched, auth_emulator: str
) -> None:
    page = docs.page
    sign_in(page, new_user(auth_emulator, "admin"))
    assert "(admin)" in page.inner_text("#who")
    names = [route.name for route in ROUTES if route.name != "logout"]
    statuses = {name: _call(page, name) for name in [*names, "logout"]}
    public = {name: statuses.pop(name) for name in ("signup", "login", "token", "features_new")}
    assert public["signup"] in {"201", "409"}
    assert public["login"] in {"200", "401"}
    assert public["token"] == "401"
    assert public["features_new"] in {"201", "409"}
    assert statuses.pop("logout") == "204"
    assert set(statuses.values()) == {"200"}


def test_an_answer_that_is_read_holds_the_records(docs: Watched) -> None:
    page = docs.page
    block = _executed(page, "features_custom")
    body = block.locator(
        ".live-responses-table .response-col_description pre, .live-responses-table code"
    )
    body.first.wait_for()
    assert '"genre": "Pop"' in block.locator(".live-responses-table").inner_text()


def test_signing_out_ends_the_sign_in_everywhere(docs: Watched, auth_emulator: str) -> None:
    page = docs.page
    sign_in(page, new_user(auth_emulator))
    assert _call(page, "greeting") == "200"
    page.click("#log-out")
    page.wait_for_selector("#sign-in:not([hidden])")
    assert _call(page, "greeting") == "401"


def test_a_wrong_password_is_said_and_a_new_account_signs_in(docs: Watched) -> None:
    page = docs.page
    page.fill("#email", f"{uuid.uuid4().hex}@example.org")
    page.fill("#password", "wrong password")
    page.click("#log-in")
    page.wait_for_selector("#said:not(:empty)")
    assert "wrong" in page.inner_text("#said")
    page.fill("#password", PASSWORD)
    page.click("#sign-up")
    page.wait_for_selector("#signed-in:not([hidden])")
    assert "(no role)" in page.inner_text("#who")


def test_a_long_list_is_cut_where_it_is_shown(docs: Watched) -> None:
    page = docs.page
    block = _opened(page, "features")
    limit = block.locator("input[placeholder=limit]")
    limit.fill("")
    limit.blur()  # what is typed counts a moment later, or when the field is left
    block.locator("button.execute").evaluate(CLICK)
    shown = block.locator(".live-responses-table")
    shown.wait_for()
    assert "characters in all" in shown.inner_text()
