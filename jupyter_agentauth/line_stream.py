"""Lines that are told as they come, to whoever reads them, from the first one on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

#: One of the contract's objects.
Line = dict[str, Any]

#: Of the lines that are kept for readers to come, as characters of JSON. Of what is beyond it
#: the agent's own events are dropped first, then all but the last lines.
_MOST, _MOST_OF_ALL = 16 << 20, 32 << 20

#: Of the lines that wait for one reader, in the same measure.
_MOST_UNREAD = 64 << 20

#: What a line takes beside its characters.
_AROUND = 100


class Reader:
    """Gets all lines as JSON, and ``None`` after the last one."""

    def __init__(self) -> None:
        self.unread = 0
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, text: str | None) -> None:
        """Have it get a line."""
        self.unread += _size(text)
        self._waiting.put_nowait(text)

    async def get(self) -> str | None:
        """Return the next line, once there is one."""
        text = await self._waiting.get()
        self.unread -= _size(text)
        return text


class LineStream:
    """One source of lines and those who read it."""

    def __init__(self) -> None:
        self.last: Line = {}
        self._told: list[str] = []
        self._size = 0
        self._usage: int | None = None
        self._readers: set[Reader] = set()
        self._over = False

    @property
    def is_over(self) -> bool:
        """Whether no more comes."""
        return self._over

    @property
    def size(self) -> int:
        """Of what is kept for readers to come, in characters of JSON."""
        return self._size

    @property
    def is_read(self) -> bool:
        """Whether anybody reads it."""
        return bool(self._readers)

    def join(self) -> Reader:
        """Read it, from its first line on."""
        reader = Reader()
        for text in self._told:
            reader.put(text)
        if self._over:
            reader.put(None)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """Read it no longer."""
        self._readers.discard(reader)

    def tell(self, line: Line, text: str | None = None) -> None:
        """Tell a line.

        Parameters
        ----------
        text : str, optional
            It as JSON, where somebody has made that already.
        """
        self.last = line
        text = json.dumps(line) if text is None else text
        self._keep(line, text)
        for reader in list(self._readers):
            reader.put(text)
            if reader.unread > _MOST_UNREAD:
                # It does not read: it is sent away, and can join again.
                self._readers.discard(reader)
                reader.put(None)

    def begin_with(self, line: Line) -> None:
        """Tell a line before those that were told so far, while nobody reads yet."""
        self._told.insert(0, json.dumps(line))
        if self._usage is not None:
            self._usage += 1

    def finish(self) -> None:
        """Tell that no more comes."""
        self._over = True
        for reader in self._readers:
            reader.put(None)

    def _keep(self, line: Line, text: str) -> None:
        if self._size > _MOST and "raw" in line:
            if line["type"] == "event":
                return
            text = json.dumps({key: value for key, value in line.items() if key != "raw"})
        if self._size > _MOST_OF_ALL and line["type"] in ("text", "tool", "event"):
            return
        if line["type"] == "usage":
            if self._usage is not None:
                self._told[self._usage] = text  # Each is the total so far.
                return
            self._usage = len(self._told)
        self._size += _size(text)
        self._told.append(text)


def _size(text: str | None) -> int:
    return 0 if text is None else len(text) + _AROUND
