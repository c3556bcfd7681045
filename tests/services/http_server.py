"""A small HTTP server in a thread, for tests that simulate an external service."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET, HEAD or POST; `path` has the query, `headers` ignores the case of names."""

    path: str
    headers: Mapping[str, str]
    body: bytes


type Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


@contextmanager
def serving(answer: Callable[[Asked], Answer], *, keep_alive: bool = False) -> Iterator[str]:
    """Answer every request by `answer`; yields the URL, without a slash at its end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers: Mapping[str, str] = self.headers  # type: ignore[assignment]  # a Message has get
            status, given, content = answer(Asked(self.path, headers, body))
            try:
                self.send_response(status)
                for name, value in {**given, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)
            except OSError:  # the caller has closed the connection
                self.close_connection = True

        def do_POST(self) -> None:
            self.do_GET()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
