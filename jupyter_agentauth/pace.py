"""The pace of a terminal's output: that of the slowest who reads, not of one who does not.

tornado 6.6 keeps what a client has not read, without a bound, and terminado 0.18.1 sends to
all: of an agent that prints at full speed a closed laptop's share would grow until its
connection is given up (jupyter_server 2.21.1: a ping every 30 seconds). So output waits for
a client that lags. One that takes nothing for a while is left out, and shown where the
terminal stands then when it reads again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from tornado.iostream import IOStream, StreamClosedError
from tornado.websocket import WebSocketClosedError

#: Characters that may wait for a client before the output does.
MOST_UNREAD = 256 * 1024

#: How long it then waits, in seconds: no agent stands still for longer because of a closed lid.
PATIENCE = 3


class Pace:
    """Sends a terminal's output to its clients.

    Parameters
    ----------
    hold : callable
        Has the terminal not be read (``True``), or read on.
    caught_up : callable
        Brings a client that was left out to where the terminal stands.
    """

    def __init__(self, hold: Callable[[bool], object], caught_up: Callable[[Any], object]) -> None:
        self._hold = hold
        self._caught_up = caught_up
        self._unread: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._waited_for: WeakSet[Any] = WeakSet()
        self._left_out: WeakSet[Any] = WeakSet()
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, client: Any, text: str) -> None:
        """Send output to a client, unless it is left out."""
        if client in self._left_out:
            return
        with suppress(WebSocketClosedError):
            client.on_pty_read(text)
        stream = _stream(client)
        if stream is None or not stream.writing():
            self._unread.pop(client, None)
            return
        self._unread[client] = self._unread.get(client, 0) + len(text)
        if self._unread[client] > MOST_UNREAD and client not in self._waited_for:
            self._waited_for.add(client)
            self._hold(True)
            task = asyncio.ensure_future(self._wait_for(client, stream))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wait_for(self, client: Any, stream: IOStream) -> None:
        left_out = False
        with suppress(StreamClosedError):
            read = stream.write(b"")  # Done when all before it is.
            left_out = not (await asyncio.wait([read], timeout=PATIENCE))[0]
            if left_out:
                self._left_out.add(client)
                self._done_with(client)
                await asyncio.wait([read])
        self._left_out.discard(client)
        self._done_with(client)
        if left_out and not stream.closed():
            with suppress(WebSocketClosedError):
                self._caught_up(client)

    def _done_with(self, client: Any) -> None:
        self._unread.pop(client, None)
        if client in self._waited_for:
            self._waited_for.discard(client)
            if not self._waited_for:
                self._hold(False)


def _stream(client: Any) -> IOStream | None:
    """Return the connection of a websocket's handler; another kind of client has none."""
    stream = getattr(getattr(client, "ws_connection", None), "stream", None)
    return stream if isinstance(stream, IOStream) else None
