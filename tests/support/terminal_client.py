"""A terminal client as a browser is one: a websocket, and a screen that it is drawn on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress

import pyte
from tornado.websocket import WebSocketClientConnection
from waiting import DEADLINE


class Screen(pyte.Screen):
    """Agents also send private forms of two sequences, which pyte 0.8.2 cannot take."""

    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)

    def report_device_status(self, mode: int, private: bool = False) -> None:
        if not private:
            super().report_device_status(mode)


class TerminalClient:
    """One client of one Jupyter terminal.

    Parameters
    ----------
    connection : WebSocketClientConnection
        To ``/terminals/websocket/<name>``.
    columns, rows : int
        The size that it asks for.

    Attributes
    ----------
    output : str
        All that was shown.
    received : int
        Bytes of all messages.
    """

    def __init__(
        self, connection: WebSocketClientConnection, columns: int = 100, rows: int = 32
    ) -> None:
        self._connection = connection
        self._screen = Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._size = (rows, columns)
        self.output = ""
        self.received = 0
        self.closed = False

    async def start(self) -> None:
        """Tell the terminal our size."""
        await self._send("set_size", *self._size)

    def close(self) -> None:
        """Leave, as a closed tab does."""
        self._connection.close()

    async def type(self, text: str) -> None:
        """Type into the terminal."""
        await self._send("stdin", text)

    @property
    def screen(self) -> str:
        """What a user sees now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    async def until(self, seen: str | Callable[[str], bool], seconds: float = DEADLINE) -> str:
        """Read until the screen shows a text, and return the screen.

        Raises
        ------
        AssertionError
            With the screen as it was when the time was over or the terminal ended.
        """
        there = (lambda screen: seen in screen) if isinstance(seen, str) else seen
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._read_until(lambda: there(self.screen)), seconds)
        assert there(self.screen), f"not on the screen: {seen!r}\n{self.screen}\n{self.output!r}"
        return self.screen

    async def enter_until(self, seen: str, seconds: float = DEADLINE) -> str:
        """Press Enter until the screen shows a text, and return the screen.

        Gemini CLI 0.61.0 takes an Enter that follows other keys at once for a part of what is
        pasted (seen once in ten times), so it is pressed again while nothing comes of it.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.type("\r")
            with suppress(AssertionError):
                return await self.until(seen, seconds=3)
        return await self.until(seen, seconds=0.1)

    async def until_closed(self, seconds: float = DEADLINE) -> None:
        """Read until the terminal ends."""
        await asyncio.wait_for(self._read_until(lambda: False), seconds)

    async def stays_open(self, seconds: float) -> None:
        """Read on for a while, in which the terminal must not end."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._read_until(lambda: False), seconds)
        assert not self.closed, f"it ended\n{self.screen}"

    async def _read_until(self, done: Callable[[], bool]) -> None:
        while not done() and await self._read():
            pass

    async def _send(self, *message: object) -> None:
        await self._connection.write_message(json.dumps(message))

    async def _read(self) -> bool:
        message = await self._connection.read_message()
        if message is None:
            self.closed = True
            return False
        self.received += len(message)
        kind, *rest = json.loads(message)
        if kind == "stdout":
            self.output += rest[0]
            self._stream.feed(rest[0])
        elif kind == "disconnect":
            self.closed = True
            return False
        return True
