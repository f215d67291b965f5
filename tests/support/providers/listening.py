"""A server that listens for the length of a ``with`` block."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from .tls import Authority

T = TypeVar("T", bound="Listening")


class Listening(ThreadingHTTPServer):
    """Listens on a free port.

    Parameters
    ----------
    address : str
        Of an interface that only containers of the test can reach.
    handler : type
        Answers one connection; a `Tunnelling` one for the sake of ``authority``.
    authority : Authority, optional
        With one it is also reached under any host's name, see `tunnel`.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: str,
        handler: type[BaseHTTPRequestHandler],
        authority: Authority | None = None,
    ) -> None:
        self.authority = authority
        super().__init__((address, 0), handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self: T) -> T:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over an agent that ends in the middle of a connection."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
