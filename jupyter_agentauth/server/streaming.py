"""Answers of lines, each sent as it is told."""

from __future__ import annotations

from tornado.iostream import StreamClosedError

from ..line_stream import LineStream, Reader
from .base import AgentAuthHandler


class StreamHandler(AgentAuthHandler):
    """A handler whose answers are newline-delimited JSON.

    Attributes
    ----------
    is_gone : bool
        Whether who asked has gone away.
    """

    _reader: Reader | None = None
    is_gone = False

    def on_connection_close(self) -> None:
        """Wake the one who waits for a line that nobody will read."""
        super().on_connection_close()
        self.is_gone = True
        if self._reader is not None:
            self._reader.put(None)

    async def send_lines(self, lines: LineStream) -> None:
        """Send lines, from the first one to the last, or until the reader goes away."""
        self.set_header("Content-Type", "application/x-ndjson")
        self._reader = lines.join()
        try:
            await self.flush()
            while (line := await self._reader.get()) is not None:
                self.write(line + "\n")
                await self.flush()
        except StreamClosedError:
            return
        finally:
            lines.leave(self._reader)
