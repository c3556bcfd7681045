"""Serves a Function App over HTTP: `python -m local.host --port 7071 --app-dir .`.

A development tool in place of `func start`: Microsoft's worker library, a web server in front of
it, and the platform's behaviour in between, all in one process and one event loop.
"""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Sequence
from copy import copy
from pathlib import Path

import uvicorn
import uvloop

from local import worker
from local.asgi import PlatformFront
from local.http_protocol import PlatformProtocol
from local.process import BACKLOG
from local.protos import TypedData
from local.routes import Router, route_prefix
from local.tracing import tracing
from local.worker import HTTP_TRIGGER, WARMUP_TRIGGER, Function, IndexingError

READY = "Listening on "
"""Begins the line that is printed when requests are accepted; the base URL follows."""

GRACE_SECONDS = 3

SEND_BUFFER = 128 * 1024
"""Bytes of its answers that a connection may have in the kernel; Linux counts twice as many.

Linux would let it grow to 4 MB for callers who read fast. Of many callers of a large answer these
would be served again and again, while others wait for seconds.
"""

logger = logging.getLogger(__name__)


def main() -> int:
    """Serve until a signal; return 0, or 1 if the app or the port cannot be used."""
    options = _options()
    _log_to_console()
    try:
        with _listen(options) as listener:
            asyncio.run(_serve(options, listener), loop_factory=uvloop.new_event_loop)
    except IndexingError as error:
        print(f"The Function App cannot be loaded.\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Port {options.port} cannot be used: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _log_to_console() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # The worker's library logs two lines for each call, the exporter a dozen for each batch.
    logging.getLogger("azure").setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_briefly)


def _briefly(record: logging.LogRecord) -> logging.LogRecord | bool:
    """Drop the worker's line for each call, and shorten an error of the exporter to one line.

    They would hide the app's log.
    """
    if record.name == worker.LOGGER.name and record.levelno < logging.WARNING:
        return False
    if record.name.startswith("azure.monitor."):
        record = copy(record)
        record.exc_info = record.exc_text = None
    return record


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7071, help="0: any free port")
    parser.add_argument("--socket", type=int, help="a file descriptor that listens")
    parser.add_argument(
        "--wait-for", type=int, help="accept requests once a byte arrives at this file descriptor"
    )
    parser.add_argument(
        "--app-dir", type=Path, default=Path(), help="the folder of function_app.py"
    )
    parser.add_argument(
        "--warm-up",
        action="store_true",
        default=bool(os.environ.get("WARM_UP")),
        help="call the warm-up function first, as the Premium plan does when it adds an instance",
    )
    return parser.parse_args()


def _listen(options: argparse.Namespace) -> socket.socket:
    """Return a listening socket; connections that it accepts have its send buffer."""
    if options.socket is not None:
        listener = socket.socket(fileno=options.socket)
    else:
        listener = socket.create_server((options.host, options.port), backlog=BACKLOG)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    return listener


async def _serve(options: argparse.Namespace, listener: socket.socket) -> None:
    app_dir = options.app_dir.resolve()
    prefix = route_prefix(app_dir)
    functions = await worker.index(app_dir)
    router = Router([f for f in functions if f.trigger == HTTP_TRIGGER], prefix)
    if options.wait_for is not None and not await _is_written(options.wait_for):
        return
    host, port = listener.getsockname()[:2]
    _introduce(router, functions)
    if options.warm_up:
        await _warm_up(functions)
    print(f"{READY}http://{host}:{port}", flush=True)
    await uvicorn.Server(_config(PlatformFront(router, tracing()))).serve(sockets=[listener])


async def _is_written(pipe: int) -> bool:
    """Wait for a byte; return False if the pipe was closed instead: its writer has ended."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(pipe, readable.set)
    await readable.wait()
    loop.remove_reader(pipe)
    return bool(os.read(pipe, 1))


def _introduce(router: Router, functions: Sequence[Function]) -> None:
    for route in router.routes:
        methods = ",".join(sorted(route.function.methods or ["any method"]))
        print(f"  {route.function.name}: [{methods}] /{route.template}")
    for function in functions:
        if function.trigger not in (HTTP_TRIGGER, WARMUP_TRIGGER):
            print(f"  {function.name}: {function.trigger} is not served by this host")


async def _warm_up(functions: Sequence[Function]) -> None:
    """Call the warm-up function once, as the Premium plan does. Its failure is only logged."""
    for function in functions:
        if function.trigger == WARMUP_TRIGGER:
            try:
                await worker.invoke(function, TypedData(json="{}"))
            except worker.InvocationError as error:
                logger.error("%s failed:\n%s", function.name, error)  # noqa: TRY400 - the traceback is the message


def _config(front: PlatformFront) -> uvicorn.Config:
    return uvicorn.Config(
        front,
        http=PlatformProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # the front adds it, unless the function does
        reset_contextvars=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # As the platform kills the worker: no exit hook or thread of the app runs on.
    os._exit(status)
