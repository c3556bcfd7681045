"""A connection serves requests in their order, and callers who leave disturb nobody."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from local.hosted import HostedApp
from tests.local.function_apps import write_app
from tests.local.raw_exchange import CLOSING, connection, exchange, received, reset, statuses
from tests.services.functions_host import Serve

SOURCE = """
started = threading.Event()
left = asyncio.Event()

@app.route(route="wait")
async def wait(req: Req) -> Res:
    started.set()
    await asyncio.wait_for(left.wait(), 60)
    return Res("waited")

@app.route(route="go")
async def go(req: Req) -> Res:
    await asyncio.to_thread(started.wait, 60)
    left.set()
    return Res("gone")

@app.route(route="large")
async def large(req: Req) -> Res:
    return Res(b"x" * 30_000_000)

@app.route(route="text")
async def text(req: Req) -> Res:
    return Res(req.get_body() + b"text")
"""

KEPT = b"Host: h\r\n\r\n"
TEXT = b"GET /text HTTP/1.1\r\n"
POST = b"POST /text HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def app(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostedApp]:
    """A host; after all tests its log has nothing about callers who left."""
    running = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE))
    yield running
    assert httpx.get(f"{running.url}/text", timeout=60).text == "text"
    assert "ERROR" not in running.host.output()
    assert "Traceback" not in running.host.output()


def answers(app: HostedApp, requests: bytes) -> list[int]:
    with connection(app.url) as opened:
        opened.sendall(requests)
        return statuses(received(opened))


def test_pipelined_requests_are_answered_in_their_order(app: HostedApp) -> None:
    body = POST + b"Content-Length: 3\r\n" + KEPT + b"abc"
    unknown = b"FOO /text HTTP/1.1\r\n" + KEPT
    last = b"GET /nowhere HTTP/1.1\r\n" + CLOSING
    assert answers(app, TEXT + KEPT + body + unknown + body + last) == [200, 200, 200, 200, 404]


def test_a_refusal_waits_for_the_answers_before_it(app: HostedApp) -> None:
    assert answers(app, TEXT + KEPT + b"no request\r\n\r\n" + TEXT + KEPT) == [200, 400]
    assert answers(app, TEXT + KEPT + TEXT + b"X\r\n\r\n") == [200, 400]


def test_nothing_is_read_after_the_last_request(app: HostedApp) -> None:
    assert answers(app, TEXT + CLOSING + b"no request\r\n\r\n") == [200]
    assert answers(app, b"GET /text HTTP/1.0\r\n" + KEPT + TEXT + KEPT) == [200]


LARGE = b"GET /large HTTP/1.1\r\n" + KEPT
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "chunks",
    [
        b"0\r\n\r\n",
        b"3\r\nabc\r\n0\r\n\r\n",
        b"3;name=value\r\na\nb\r\n0\r\nTrailer: x\r\n\r\n",
        b"400\r\n" + b"\n" * 1024 + b"\r\n0\r\n\r\n",
    ],
    ids=["empty", "one", "extension and trailer", "line feeds"],
)
@pytest.mark.parametrize("length", [b"", b"Content-Length: 1\r\n"])
def test_a_chunked_body_is_lost_and_the_next_request_is_answered(
    app: HostedApp, chunks: bytes, length: bytes
) -> None:
    lost = exchange(app.url, CHUNKED + length + b"Connection: close\r\n" + KEPT + chunks)
    assert lost.body == b"text"
    assert answers(app, CHUNKED + length + KEPT + chunks + TEXT + CLOSING) == [200, 200]


def test_a_damaged_chunk_ends_the_connection_after_the_answer(app: HostedApp) -> None:
    assert answers(app, CHUNKED + KEPT + b"no size\r\nabc\r\n" + TEXT + KEPT) == [200]


def test_a_request_may_come_byte_by_byte(app: HostedApp) -> None:
    with connection(app.url) as opened:
        for byte in POST + b"Content-Length: 3\r\n" + CLOSING + b"abc":
            opened.sendall(bytes([byte]))
        assert received(opened).endswith(b"abctext\r\n0\r\n\r\n")


def test_a_caller_who_sends_slowly_keeps_nobody_waiting(app: HostedApp) -> None:
    with connection(app.url) as slow:
        slow.sendall(POST + b"Content-Length: 3\r\nX-A: ")
        assert httpx.get(f"{app.url}/text", timeout=60).text == "text"
        slow.sendall(b"1\r\n" + CLOSING + b"a")
        assert httpx.get(f"{app.url}/text", timeout=60).text == "text"
        slow.sendall(b"bc")
        assert b"abctext" in received(slow)


def test_a_caller_who_has_closed_its_side_is_answered(app: HostedApp) -> None:
    for requests, expected in ((TEXT + KEPT, [200]), (TEXT + KEPT + TEXT + KEPT, [200, 200])):
        with connection(app.url) as opened:
            opened.sendall(requests)
            opened.shutdown(1)
            assert statuses(received(opened)) == expected


def test_a_head_that_ends_early_is_400(app: HostedApp) -> None:
    for part in (b"GET /te", TEXT + b"Host: h\r\n"):
        with connection(app.url) as opened:
            opened.sendall(part)
            opened.shutdown(1)
            assert statuses(received(opened)) == [400]


def test_the_body_is_asked_for_if_the_caller_waits_for_that(app: HostedApp) -> None:
    head = POST + b"Content-Length: 3\r\nExpect: 100-continue\r\n" + CLOSING
    with connection(app.url) as opened:
        opened.sendall(head)
        assert opened.recv(100).startswith(b"HTTP/1.1 100 ")
        opened.sendall(b"abc")
        assert b"abctext" in received(opened)


@dataclass(frozen=True)
class Leaving:
    """What a caller sends, and how many bytes it reads, before it resets the connection."""

    sent: bytes
    read: int = 0


LEAVING = {
    "without a request": Leaving(b""),
    "within the line": Leaving(b"GET /te"),
    "within the headers": Leaving(TEXT + b"Host: h\r\n"),
    "after a request": Leaving(TEXT + KEPT),
    "after many": Leaving((TEXT + KEPT) * 50),
    "within the body": Leaving(POST + b"Content-Length: 100000\r\n" + KEPT + b"abc"),
    "within a chunk": Leaving(CHUNKED + KEPT + b"10\r\nabc"),
    "while refused": Leaving(b"no request\r\n" + KEPT),
    "before an answer": Leaving(LARGE),
    "within an answer": Leaving(LARGE, read=1000),
    "before many answers": Leaving(LARGE * 5),
    "within many answers": Leaving(LARGE * 5, read=1000),
}


@pytest.mark.parametrize("leaving", LEAVING.values(), ids=LEAVING)
@pytest.mark.parametrize("pause", [0.0, 0.02])
def test_a_caller_who_resets_the_connection_disturbs_nobody(
    app: HostedApp, leaving: Leaving, pause: float
) -> None:
    """The `app` fixture looks into the log afterwards."""
    for _ in range(10):
        with connection(app.url) as opened:
            opened.sendall(leaving.sent)
            if leaving.read:
                opened.recv(leaving.read)
            time.sleep(pause)  # the host may have read the request, or not
            reset(opened)
        assert httpx.get(f"{app.url}/text", timeout=60).text == "text"


def test_a_caller_who_leaves_before_the_answer_is_ready_disturbs_nobody(app: HostedApp) -> None:
    waiting = b"GET /wait HTTP/1.1\r\n" + KEPT
    with connection(app.url) as one, connection(app.url) as many, connection(app.url) as closing:
        for opened, requests in (
            (one, waiting),
            (many, waiting + (TEXT + KEPT) * 5),
            (closing, waiting),
        ):
            opened.sendall(requests)
        assert httpx.get(f"{app.url}/text", timeout=60).text == "text"
        reset(one)
        reset(many)
    for _ in range(3):  # the host reads the resets before these
        assert httpx.get(f"{app.url}/text", timeout=60).text == "text"
    assert httpx.get(f"{app.url}/go", timeout=60).text == "gone"
