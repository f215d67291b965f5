"""What changes on the server is heard of here, over its Jupyter events."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import websocket

from .client import Client
from .connection import tls_context
from .errors import AgentError
from .servers import Server

_SCHEMA = re.compile(r"https://events\.jupyter\.org/jupyter_agentauth/(\w+)/v1")

#: Pauses before a connection is tried again, in seconds; the last one for good.
_PAUSES = (0.5, 1, 2, 5, 10)

_CONNECT_SECONDS = 10


class EventFollower:
    """Follows a server's events in a thread of its own.

    Events are not replayed: after each connection all is to be read again.

    Parameters
    ----------
    client : Client
        Its server, also when that changes.
    on_event : callable
        ``on_event(kind, data)`` with ``session``, ``image``, ``agent``, ``worktree``, ``settings``
        or ``engine``, and ids and states only.
    on_read_again : callable
        Called after each connection.
    on_lost : callable, optional
        Called when a connection is lost or cannot be made.
    """

    def __init__(
        self,
        client: Client,
        on_event: Callable[[str, dict[str, Any]], object],
        on_read_again: Callable[[], object],
        on_lost: Callable[[], object] = lambda: None,
    ) -> None:
        self._client = client
        self._on_event = on_event
        self._on_read_again = on_read_again
        self._on_lost = on_lost
        self._stopped = threading.Event()
        self._connection: websocket.WebSocket | None = None
        self._thread = threading.Thread(target=self._follow, name="agentauth-events", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Follow no longer; returns at once."""
        self._stopped.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError, websocket.WebSocketException):
                connection.abort()  # type: ignore[no-untyped-call]

    def _follow(self) -> None:
        tries = 0
        while not self._stopped.is_set():
            try:
                self._connection = self._subscribed()
                tries = 0
                self._on_read_again()
                self._read(self._connection)
            except (AgentError, OSError, ValueError, websocket.WebSocketException):
                pass  # Also of who reads again, while the server goes away.
            finally:
                if self._connection is not None:
                    self._connection.shutdown()  # type: ignore[no-untyped-call]
            if not self._stopped.is_set():
                self._on_lost()
                self._stopped.wait(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _subscribed(self) -> websocket.WebSocket:
        try:
            return _subscribe(self._client.server)
        except (OSError, websocket.WebSocketException):
            self._client.find_again()  # For the next try.
            raise

    def _read(self, connection: websocket.WebSocket) -> None:
        while not self._stopped.is_set():
            message = connection.recv()
            if not message:
                return
            told = json.loads(message)
            kind = _SCHEMA.fullmatch(str(told.get("schema_id", "")))
            if kind:
                data = {k: v for k, v in told.items() if not k.startswith("__")}
                data.pop("schema_id")
                self._on_event(kind[1], data)


def _subscribe(server: Server) -> websocket.WebSocket:
    if server.has_ended:  # Who has its port now is not to see its token.
        raise ConnectionRefusedError
    url = f"ws{server.url[len('http') :]}api/events/subscribe"
    connection = websocket.create_connection(
        url,
        timeout=_CONNECT_SECONDS,
        header=[f"Authorization: token {server.token}"] if server.token else [],
        socket=_unix_connection(server.unix_socket) if server.unix_socket else None,
        sslopt={"context": tls_context(server)},
        http_no_proxy=[server.host] if server.is_here else None,
        suppress_origin=True,
    )
    connection.settimeout(None)  # Events come when they come.
    return connection


def _unix_connection(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_CONNECT_SECONDS)
    connection.connect(path)
    return connection
