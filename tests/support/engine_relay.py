"""An engine that can be cut off: a Unix socket that relays to the real one's."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

REAL = "/var/run/docker.sock"


class EngineRelay:
    """Stands between a client and the engine; ``DOCKER_HOST`` is to name its `host`.

    Parameters
    ----------
    path : Path
        Of the socket; short, since a socket's path takes 107 bytes at most.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.accepted = 0
        #: While true, connections are taken and never answered, as by an engine that hangs.
        self.hangs = False
        #: While true, connections are taken and closed at once.
        self.refuses = False
        self.restore()

    @property
    def host(self) -> str:
        """What ``DOCKER_HOST`` takes."""
        return f"unix://{self._path}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        with self._lock:
            return len(self._open)

    def restore(self) -> None:
        """Be there, as the engine after its start."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self._path))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Be gone, with all connections, as the engine that was stopped."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        os.unlink(self._path)
        with self._lock:
            for client in self._open:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuses:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            self._open.add(client)
        with client, suppress(OSError):
            if self.hangs:
                while client.recv(65536):
                    pass
            else:
                self._relay(client)
        with self._lock:
            self._open.discard(client)

    def _relay(self, client: socket.socket) -> None:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(REAL)
            back = threading.Thread(target=_pump, args=(engine, client), daemon=True)
            back.start()
            _pump(client, engine)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
