"""The status page in a real browser: what it draws, that it refreshes, and who may see it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.emulator_users import new_user
from tests.api.running_product import Product, running_product
from tests.api.sample_records import REFERENCE
from tests.api.watched_page import Watched, opened_page, sign_in
from tests.services.long_timeouts import LONG_SECONDS
from tests.services.redis import RedisFactory, RedisServer

pytestmark = pytest.mark.long

POP, DANCE = "[data-scope=Pop]", "[data-scope=Dance]"
REFRESH = 2_500
"""Milliseconds on the page's clock: more than it waits from an answer to the next request."""

expect.set_options(timeout=LONG_SECONDS * 1000)


@pytest.fixture(scope="module")
def server(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


@pytest.fixture(scope="module")
def local(
    loaded_file: Path,
    server: RedisServer,
    auth_emulator: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The product as on a laptop: anyone may see the status."""
    folder, public = tmp_path_factory.mktemp("local"), {"CACHE_STATUS_PUBLIC": "true"}
    with running_product(loaded_file, folder, server.url, auth_emulator, **public) as running:
        yield running


@pytest.fixture(params=[360, 1280], ids=["narrow", "wide"])
def status(request: pytest.FixtureRequest, browser: Browser, local: Product) -> Iterator[Watched]:
    with opened_page(browser, f"{local.url}/docs/status", request.param) as watched:
        expect(watched.page.locator("main")).to_be_visible()
        yield watched


@pytest.fixture
def guarded(browser: Browser, product: Product) -> Iterator[Page]:
    """The page of a product that shows its status to admins alone."""
    with opened_page(browser, f"{product.url}/docs/status", 360) as watched:
        expect(watched.page.locator("#sign-in")).to_be_visible()
        yield watched.page


def _cell(page: Page, list_: str, name: str) -> str:
    return page.inner_text(f"{list_} .{name}")


def test_it_draws_every_list_and_fits_its_screen(status: Watched, local: Product) -> None:
    page = status.page
    records = len(local.client.get("/features/custom?arg=Pop").json())
    expect(page.locator(f"{POP} .state")).to_have_text("fresh")
    assert page.locator("#lists tr").count() == 27
    assert page.locator("#lists tr").first.get_attribute("data-scope") == "all"
    assert f"{records:,}" in _cell(page, POP, "records")
    assert "min left" in _cell(page, POP, "life")
    assert float(page.get_attribute(f"{POP} meter", "value") or 0) > 3000
    assert _cell(page, POP, "stored").endswith("=")
    assert _cell(page, POP, "copies").endswith("core =")
    assert re.match(r"\d\.\d s left of 2 s|ended$", page.inner_text("#lease-text"))
    assert "closed for" in page.inner_text("#circuit")
    assert "%" in page.inner_text("#ratio")
    assert status.fits()


def test_for_a_screen_reader_it_is_a_table_with_headings(status: Watched) -> None:
    page = status.page
    seen = page.locator("main").aria_snapshot()
    assert '- table "Lists"' in seen
    assert page.get_by_role("columnheader", name="Version in SQL").count() == 1
    assert page.get_by_role("rowheader", name="Pop", exact=True).count() == 1
    for heading in ("Services", "Hit ratio", "Lease", "Memory copies", "Lists"):
        assert page.get_by_role("heading", name=heading).count() == 1


def test_a_write_is_shown_by_the_next_refresh(
    status: Watched, local: Product, auth_emulator: str
) -> None:
    page = status.page
    local.client.get("/features/custom?arg=Dance")
    expect(page.locator(f"{DANCE} .state")).to_have_text("fresh")
    version = _cell(page, DANCE, "version")
    headers = {"Authorization": new_user(auth_emulator, "editor").authorization}
    record = {**REFERENCE, "track_id": f"{page.viewport_size['width']:022}"}  # type: ignore[index]
    assert local.client.post("/features/new", json=record, headers=headers).status_code == 201
    expect(page.locator(f"{DANCE} .state")).to_have_text("empty")
    assert _cell(page, DANCE, "version") > version
    local.client.get("/features/custom?arg=Dance")
    expect(page.locator(f"{DANCE} .state")).to_have_text("fresh")
    expect(page.locator(f"{DANCE} .stored")).to_have_text("=")


@pytest.mark.parametrize("status", [360], ids=["narrow"], indirect=True)
def test_a_stopped_redis_is_said_and_so_is_its_return(
    status: Watched, local: Product, server: RedisServer
) -> None:
    page = status.page
    local.client.get("/features/custom?arg=Pop")
    expect(page.locator(f"{POP} .state")).to_have_text("fresh")
    server.kill()
    try:
        expect(page.locator("#redis")).to_have_text("unavailable")
        expect(page.locator("#circuit")).to_contain_text("open for")
        expect(page.locator("#said")).to_contain_text("Redis is unavailable")
        expect(page.locator(f"{POP} .state")).to_have_text("not known")
        assert "min left" in _cell(page, POP, "life"), "that of the memory copy"
        assert status.fits()
    finally:
        server.restart()
    expect(page.locator("#redis")).to_have_text("available")
    expect(page.locator("#said")).to_have_text("")


def test_what_the_network_does_is_said_in_plain_words(status: Watched) -> None:
    page = status.page
    page.context.set_offline(True)
    expect(page.locator("#said")).to_have_text("The server does not answer. Trying again.")
    assert page.locator("#lists tr").count() == 27
    page.context.set_offline(False)
    expect(page.locator("#said")).to_have_text("")


@pytest.mark.parametrize("status", [1280], ids=["wide"], indirect=True)
def test_it_asks_nothing_while_it_is_hidden_or_paused(status: Watched) -> None:
    page = status.page
    page.clock.install()
    page.reload()
    expect(page.locator("#when")).to_contain_text("Last update")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _set_hidden(page, "true")
    page.clock.run_for(10 * REFRESH)
    assert asked == []
    with page.expect_response("**/cache/status"):
        _set_hidden(page, "false")
    page.click("#pause")
    page.clock.run_for(10 * REFRESH)
    assert len(asked) == 1
    with page.expect_response("**/cache/status"):
        page.click("#pause")
    with page.expect_response("**/cache/status"):
        page.clock.run_for(REFRESH)


def _set_hidden(page: Page, value: str) -> None:
    """As if the person had turned to another tab, or back."""
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{configurable: true, get: () => {value}}});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


@pytest.mark.parametrize("status", [360], ids=["narrow"], indirect=True)
def test_the_pages_lead_to_each_other(status: Watched) -> None:
    page = status.page
    page.click("nav >> text=API")
    page.wait_for_selector(".opblock")
    page.click("nav >> text=Cache")
    expect(page.locator("main#status")).to_be_visible()
    assert page.locator("nav [aria-current=page]").inner_text() == "Cache"


def test_it_shows_nothing_before_an_admin_has_signed_in(guarded: Page, auth_emulator: str) -> None:
    admin = new_user(auth_emulator, "admin")
    assert "Sign in as an admin" in guarded.inner_text("#said")
    assert not guarded.locator("#sign-up").is_visible()
    sign_in(guarded, admin, "a wrong password")
    expect(guarded.locator("#said")).to_contain_text("wrong")
    assert not guarded.locator("main").is_visible()
    sign_in(guarded, admin)
    expect(guarded.locator("main")).to_be_visible()
    assert guarded.locator("#lists tr").count() == 27
    guarded.click("#log-out")
    expect(guarded.locator("main")).to_be_hidden()
    expect(guarded.locator("#sign-in")).to_be_visible()


def test_an_account_without_the_role_is_told_so(guarded: Page, auth_emulator: str) -> None:
    sign_in(guarded, new_user(auth_emulator, "editor"))
    expect(guarded.locator("#said")).to_contain_text("lacks the role 'admin'")
    assert not guarded.locator("main").is_visible()
    guarded.click("#log-out")
    expect(guarded.locator("#sign-in")).to_be_visible()


def test_a_sign_in_that_ended_elsewhere_is_asked_for_again(
    guarded: Page, product: Product, auth_emulator: str
) -> None:
    admin = new_user(auth_emulator, "admin")
    sign_in(guarded, admin)
    expect(guarded.locator("main")).to_be_visible()
    product.client.post("/logout", headers={"Authorization": admin.authorization})
    expect(guarded.locator("#said")).to_have_text("Your sign-in has ended. Sign in again.")
    expect(guarded.locator("main")).to_be_hidden()
    expect(guarded.locator("#sign-in")).to_be_visible()
