"""How the host starts, what it prints, and how it ends."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from local.host import READY
from local.hosted import REPOSITORY, hosted_app
from local.process import Child, StartError, bound_socket
from tests.local.function_apps import ECHO, write_app
from tests.services.functions_host import Serve
from tests.services.long_timeouts import LONG_SECONDS


def _refused(app_dir: Path) -> str:
    """Return the output of a host that must end with status 1."""
    with pytest.raises(StartError, match="ended with 1") as refusal, hosted_app(app_dir):
        pass
    return str(refusal.value)


def test_it_says_which_functions_it_found(serve: Serve, tmp_path: Path) -> None:
    source = """
@app.route(route="read", methods=["GET", "HEAD"])
async def reader(req: Req) -> Res: ...
@app.timer_trigger(arg_name="tick", schedule="0 0 * * * *")
async def hourly(tick: func.TimerRequest) -> None: ...
"""
    said = serve(write_app(tmp_path, source)).host.output()
    assert "reader: [GET,HEAD] /read" in said
    assert "hourly: timerTrigger is not served by this host" in said


@contextmanager
def _waiting_host(app_dir: Path) -> Iterator[tuple[Child, socket.socket, int]]:
    """A host that has loaded the app; its socket, and the pipe that it waits for."""
    end, pipe = os.pipe()
    with bound_socket() as listener:
        keep = [listener.fileno(), end]
        options = [f"--socket={keep[0]}", f"--wait-for={keep[1]}", f"--app-dir={app_dir}"]
        command = [sys.executable, "-m", "local.host", *options]
        with Child(command, cwd=REPOSITORY, keep=keep) as host:
            os.close(end)
            host.wait_until((app_dir / "loaded").exists, LONG_SECONDS)
            yield host, listener, pipe


LOADED = f"{ECHO}\nopen('loaded', 'w')\n"


def test_who_connects_early_waits_until_the_host_is_told_to_serve(tmp_path: Path) -> None:
    with (
        _waiting_host(write_app(tmp_path, LOADED)) as (host, listener, pipe),
        socket.create_connection(listener.getsockname(), LONG_SECONDS) as early,
    ):
        early.sendall(b"GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert READY not in host.output()
        os.write(pipe, b"1")
        assert early.recv(12) == b"HTTP/1.1 404"
        assert READY in host.output()
        os.close(pipe)


def test_a_host_that_is_never_told_to_serve_ends_with_whom_it_waits_for(tmp_path: Path) -> None:
    with _waiting_host(write_app(tmp_path, LOADED)) as (host, _, pipe):
        os.close(pipe)
        assert host.wait(LONG_SECONDS) == 0
        assert READY not in host.output()


def test_the_warm_up_function_runs_once_before_the_first_request(
    serve: Serve, tmp_path: Path
) -> None:
    source = """
warm = []
@app.warm_up_trigger("warmup")
async def warmup(warmup) -> None:
    await asyncio.sleep(0.05)
    warm.append(type(warmup).__name__)
@app.route(route="warm")
async def report(req: Req) -> Res:
    return Res(json.dumps(warm))
"""
    app = serve(write_app(tmp_path, source), {"WARM_UP": "true"})
    assert httpx.get(f"{app.url}/warm", timeout=60).json() == ["WarmUpContext"]


def test_a_failing_warm_up_stops_nothing(serve: Serve, tmp_path: Path) -> None:
    source = """
@app.warm_up_trigger("warmup")
def warmup(warmup) -> None:
    raise RuntimeError("cold")
"""
    app = serve(write_app(tmp_path, source + ECHO), {"WARM_UP": "true"})
    assert httpx.get(f"{app.url}/echo/x", timeout=60).status_code == 200
    assert "RuntimeError: cold" in app.host.output()


def test_handlers_run_concurrently(serve: Serve, tmp_path: Path) -> None:
    source = """
both = threading.Barrier(2, timeout=60)
@app.route(route="threads")
def threads(req: Req) -> Res:
    both.wait()
    return Res("met")
met = asyncio.Event()
@app.route(route="wait")
async def wait(req: Req) -> Res:
    await asyncio.wait_for(met.wait(), 60)
    return Res("met")
@app.route(route="meet")
async def meet(req: Req) -> Res:
    met.set()
    return Res("met")
"""
    app = serve(write_app(tmp_path, source))
    for paths in (("threads", "threads"), ("wait", "meet")):
        urls = [f"{app.url}/{path}" for path in paths]
        curls = [Child(["curl", "-s", "-m", "60", url]) for url in urls]
        for curl in curls:
            with curl:
                curl.wait(LONG_SECONDS)
                assert curl.output() == "met"


def test_the_app_runs_in_its_own_directory_and_imports_its_neighbours(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "neighbour.py").write_text("NAME = 'next door'", "utf-8")
    source = """
import os, neighbour
@app.route(route="where")
async def where(req: Req) -> Res:
    return Res(json.dumps([os.getcwd(), neighbour.NAME]))
"""
    app = serve(write_app(tmp_path, source))
    assert httpx.get(f"{app.url}/where", timeout=60).json() == [
        str(tmp_path.resolve()),
        "next door",
    ]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("def broken(:", "SyntaxError"),
        ("app = None", "Could not find top level function app instances"),
        ("second = func.FunctionApp()", "More than one FunctionApp"),
        ("raise ValueError('settings are wrong')", "ValueError: settings are wrong"),
        ("@app.route(route='x')\ndef x(req: Req, other: str) -> Res: ...", "cannot load the x"),
        ("@app.route(route='x/{id:int}')\ndef x(req: Req) -> Res: ...", "the segment {id:int}"),
        ("@app.route(route='admin/x')\ndef x(req: Req) -> Res: ...", "reserves routes"),
    ],
)
def test_an_app_that_cannot_be_loaded_ends_the_host_with_the_reason(
    tmp_path: Path, source: str, said: str
) -> None:
    assert said in _refused(write_app(tmp_path, source))


def test_the_whole_traceback_of_an_indexing_error_is_shown(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("def fall():\n    raise KeyError('deep down')", "utf-8")
    said = _refused(write_app(tmp_path, "import deep\ndeep.fall()"))
    assert 'deep.py", line 2, in fall' in said
    assert "function_app.py" in said


def test_a_directory_without_an_app_is_refused(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{}", "utf-8")
    assert "holds no function_app.py" in _refused(tmp_path)


@pytest.mark.parametrize("host_json", [None, "{", "[]"])
def test_a_host_json_that_cannot_be_read_is_refused(tmp_path: Path, host_json: str | None) -> None:
    write_app(tmp_path, ECHO)
    (tmp_path / "host.json").unlink()
    if host_json is not None:
        (tmp_path / "host.json").write_text(host_json, "utf-8")
    assert "host.json cannot be read" in _refused(tmp_path)


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(StartError, match=f"Port {port} cannot be used"),
            hosted_app(write_app(tmp_path, ECHO), port=port),
        ):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_the_app_has_threads_and_exit_hooks(
    tmp_path: Path, number: signal.Signals
) -> None:
    source = """
import atexit, time
atexit.register(print, "exit hook ran")
threading.Thread(target=time.sleep, args=(600,)).start()
"""
    with hosted_app(write_app(tmp_path, source + ECHO)) as app:
        httpx.get(f"{app.url}/echo/x", timeout=60)
        app.host.signal(number)
        app.host.wait(LONG_SECONDS)
        assert "exit hook ran" not in app.host.output()


def test_its_help_names_its_options() -> None:
    with Child([sys.executable, "-m", "local.host", "--help"], cwd=REPOSITORY) as help_text:
        assert help_text.wait(LONG_SECONDS) == 0
        assert "--app-dir" in help_text.output()
