"""Fake programs whose calls are answered in the process of the tests.

Each is a bash script that sends its arguments and prints what it gets back. A Python program in its
place would take 50 times as long to start, and a deployment calls it dozens of times.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from socket import create_connection, create_server, socket
from threading import Event, Thread

ANSWERED = r"""[[ " $* " != *" --input - "* ]] || IFS= read -r -d '' input
exec 3<>"/dev/tcp/127.0.0.1/$ANSWERING_PORT"
printf '%s\0' "$#" "$@" "${input-}" >&3
IFS= read -r -d '' status <&3
IFS= read -r -d '' output <&3
IFS= read -r -d '' errors <&3
printf %s "$output"
printf %s "$errors" >&2
exit "$status"
"""
"""The script of such a program. With `--input -` it sends its standard input too."""


class RefusedError(Exception):
    """The program prints the message to standard error and ends with status 1."""


type Answer = Callable[[Sequence[str], str], str]
"""Returns what a call prints to standard output, by its arguments and its standard input."""


@contextmanager
def answering(answer: Answer) -> Iterator[dict[str, str]]:
    """Answer the calls of a program; yield the variable by which its script gets here."""
    ended = Event()
    with create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_serve, args=(server, answer, ended))
        thread.start()
        address = server.getsockname()
        try:
            yield {"ANSWERING_PORT": str(address[1])}
        finally:
            ended.set()
            create_connection(address).close()
            thread.join()


def _serve(server: socket, answer: Answer, ended: Event) -> None:
    while not ended.is_set():
        connection, _ = server.accept()
        with connection:
            if call := _received(connection):
                *arguments, given = call
                parts = [text.encode() + b"\0" for text in _answered(answer, arguments, given)]
                connection.sendall(b"".join(parts))


def _received(connection: socket) -> list[str]:
    """Return the arguments and the standard input, or nothing if the caller ended before."""
    received = b""
    while not received or received.count(b"\0") < int(received.partition(b"\0")[0] or 0) + 2:
        if not (part := connection.recv(1 << 16)):
            return []
        received += part
    return received.decode().split("\0")[1:-1]


def _answered(answer: Answer, arguments: Sequence[str], given: str) -> tuple[str, str, str]:
    """Return the status, and what goes to standard output and to standard error."""
    try:
        return "0", answer(arguments, given), ""
    except RefusedError as error:
        return "1", "", f"{error}\n"
    except (Exception, SystemExit):  # noqa: BLE001 - the script waits for an answer
        return "1", "", traceback.format_exc()
