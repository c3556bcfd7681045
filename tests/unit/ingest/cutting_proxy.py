"""A proxy that breaks connections in the middle of an answer."""

import socket
import threading
from types import TracebackType
from typing import Self

_CHUNK = 16_384


class CuttingProxy:
    """Forwards to a local port; ends the first `cuts` connections that answer `after` bytes."""

    def __init__(self, port: int, *, after: int, cuts: int) -> None:
        self._target = port
        self._after = after
        self.cuts_left = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        # Shut down first: the waiting thread must not see the number of a newer socket.
        _end(self._listener)
        self._accepting.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while chunk := client.recv(_CHUNK):
                server.sendall(chunk)
        except OSError:
            pass
        finally:
            _end(server)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        sent = 0
        try:
            while chunk := server.recv(_CHUNK):
                client.sendall(chunk)
                sent += len(chunk)
                if sent > self._after and self.cuts_left:
                    self.cuts_left -= 1
                    break
        except OSError:
            pass
        finally:
            _end(client)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
    finally:
        connection.close()
