"""What is the same for every caller is done once, however many ask."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from shared.handlers import docs
from shared.health import Health, State
from shared.http.docs_page import static_files
from shared.http.file_answer import Document
from tests.api.api_client import Api

PAGES = [
    "/openapi.json",
    "/docs",
    "/docs/status",
    "/docs/page.js",
    "/docs/swagger-ui-bundle.js",
]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each document was compressed."""
    counts: Counter[str] = Counter()
    of = Document.of

    def counted(data: bytes, media_type: str) -> Document:
        counts[media_type] += 1
        return of(data, media_type)

    monkeypatch.setattr(Document, "of", counted)
    return counts


async def test_a_document_is_built_once_for_all_callers(api: Api, built: Counter[str]) -> None:
    async def ask() -> None:
        for target in PAGES:
            for headers in ({}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}):
                await api.call("GET", target, headers)
                await api.call("HEAD", target, headers)

    await asyncio.gather(*[ask() for _ in range(20)])
    assert built == {
        "application/json": 1,
        "text/html": 2,
        "text/javascript": 4,
        "text/css": 4,
        "image/png": 1,
    }


async def test_a_document_is_built_off_the_event_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_threads: list[bool] = []

    def recorded[**P, T](work: Callable[P, T]) -> Callable[P, T]:
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            in_threads.append(_is_on_the_event_loop())
            return work(*args, **kwargs)

        return wrapped

    for name in ("openapi_document", "api_page", "status_page", "docs_files"):
        monkeypatch.setattr(docs, name, recorded(getattr(docs, name)))
    for target in PAGES:
        assert (await api.get(target)).status == 200
    assert in_threads == [False] * 4


def _is_on_the_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def test_a_document_that_could_not_be_built_is_built_for_the_next_caller(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(static_files, "find_spec", lambda _: None)
        assert (await api.get("/docs/page.js")).status == 500
    assert (await api.get("/docs/page.js")).status == 200


async def test_callers_of_the_health_share_the_next_check(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, all_ask, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()
    callers = checks = 0
    state = Health.state

    async def counted(health: Health) -> State:
        nonlocal callers
        callers += 1
        if callers == 50:
            all_ask.set()
        return await state(health)

    async def check(_: Health, __: None) -> State:
        nonlocal checks
        checks += 1
        begun.set()
        await may_end.wait()
        return State(None, "up")

    monkeypatch.setattr(Health, "state", counted)
    monkeypatch.setattr(Health, "_check", check)
    asking = asyncio.gather(*[api.get("/api/health") for _ in range(50)])
    await all_ask.wait()
    await begun.wait()
    assert checks == 1
    may_end.set()
    assert {answer.status for answer in await asking} == {200}
    assert checks <= 2
