"""Lines that are told as they come, to whoever reads them, from the first one on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

#: One of the contract's objects.
Line = dict[str, Any]

#: Gets all lines, and ``None`` after the last one.
Reader = asyncio.Queue["Line | None"]

#: Of the lines that are kept for readers to come, as characters of JSON. Of what is beyond it
#: the agent's own events are dropped first, then all but the last lines.
_MOST, _MOST_OF_ALL = 16 << 20, 32 << 20

#: Lines that wait for one reader.
_MOST_UNREAD = 50_000


class LineStream:
    """One source of lines and those who read it."""

    def __init__(self) -> None:
        self.last: Line = {}
        self._told: list[Line] = []
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
        reader: Reader = asyncio.Queue()
        for line in self._told:
            reader.put_nowait(line)
        if self._over:
            reader.put_nowait(None)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """Read it no longer."""
        self._readers.discard(reader)

    def tell(self, line: Line) -> None:
        """Tell a line."""
        self.last = line
        self._keep(line)
        for reader in list(self._readers):
            reader.put_nowait(line)
            if reader.qsize() > _MOST_UNREAD:
                # It does not read: it is sent away, and can join again.
                self._readers.discard(reader)
                reader.put_nowait(None)

    def begin_with(self, line: Line) -> None:
        """Tell a line before those that were told so far, while nobody reads yet."""
        self._told.insert(0, line)
        if self._usage is not None:
            self._usage += 1

    def finish(self) -> None:
        """Tell that no more comes."""
        self._over = True
        for reader in self._readers:
            reader.put_nowait(None)

    def _keep(self, line: Line) -> None:
        if self._size > _MOST and "raw" in line:
            if line["type"] == "event":
                return
            line = {key: value for key, value in line.items() if key != "raw"}
        if self._size > _MOST_OF_ALL and line["type"] in ("text", "tool", "event"):
            return
        if line["type"] == "usage":
            if self._usage is not None:
                self._told[self._usage] = line  # Each is the total so far.
                return
            self._usage = len(self._told)
        self._size += len(json.dumps(line))
        self._told.append(line)
