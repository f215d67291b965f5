"""The image build of this server: it goes on while anybody reads it.

::

    POST ──► ImageBuilds ──► ImageBuild ──► lines ──► a reader (POST's own)
                             one at a time        ──► another (GET), from the first line on

A page that is loaded anew leaves and joins again, so a build outlives its last reader for a
moment; then it is broken off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import FAULT, AgentAuthError, Conflict
from ..line_stream import Line, LineStream, Reader

if TYPE_CHECKING:
    from ..sessions import SessionManager
    from .live import LiveState

#: How long a build goes on that nobody reads, in seconds.
UNREAD_SECONDS = 10

#: For a build to be broken off: it hears of it at its next line, and sees its last step end.
_CANCEL_SECONDS = 10

_CANCELLED: Line = {
    "type": "error",
    "message": "The build was cancelled; the image is what it was before.",
    "reason": "build_cancelled",
}
_FAULT: Line = {"type": "error", **FAULT}


class ImageBuild(LineStream):
    """One build and those who read it.

    Parameters
    ----------
    lines : iterator of dict
        Each blocks until it is there.
    blocking : callable
        Runs something off the event loop.
    """

    def __init__(self, lines: Iterator[Line], blocking: Callable[..., Awaitable[Any]]) -> None:
        super().__init__()
        self._lines = lines
        self._blocking = blocking
        self._unread: asyncio.TimerHandle | None = None
        self._cancelled = False

    @property
    def failed(self) -> bool:
        """Whether it ended with an error, and not because somebody wanted its end."""
        return self.last.get("type") == "error" and self.last is not _CANCELLED

    def join(self) -> Reader:
        """Read it, from its first line on."""
        if self._unread is not None:
            self._unread.cancel()
        return super().join()

    def leave(self, reader: Reader) -> None:
        """Read it no longer."""
        super().leave(reader)
        if not self.is_read and not self.is_over:
            loop = asyncio.get_running_loop()
            self._unread = loop.call_later(UNREAD_SECONDS, self.cancel)

    def cancel(self) -> None:
        """Break it off at its next line."""
        self._cancelled = True

    async def run(self) -> None:
        """Bring it to its end."""
        try:
            try:
                while not self._cancelled and (line := await self._blocking(_next, self._lines)):
                    self.tell(line)
            finally:
                # Before its end is told, so that nothing of it goes on then.
                await self._blocking(_close, self._lines)
            if self._cancelled and self.last.get("type") in (None, "progress"):
                self.tell(_CANCELLED)
        except Exception:
            # Whatever it was: its readers wait for a last line, and nobody else sees this task.
            logging.getLogger(__name__).exception("The image build ended in a fault.")
            self.tell(_FAULT)

    def finish(self) -> None:
        """Tell the readers that no more comes."""
        if self._unread is not None:
            self._unread.cancel()
        super().finish()


class ImageBuilds:
    """Starts the build, which there is one of at a time.

    Parameters
    ----------
    sessions : SessionManager
        Its service builds; what blocks runs in its threads.
    live : LiveState
        Told when a build begins and ends.

    Attributes
    ----------
    running : ImageBuild or None
    """

    def __init__(self, sessions: SessionManager, live: LiveState) -> None:
        self.running: ImageBuild | None = None
        self._sessions = sessions
        self._live = live
        self._starting = False
        self._task: asyncio.Task[None] | None = None

    async def start(self, base_image: str | None, agents: tuple[str, ...]) -> ImageBuild:
        """Start a build; the caller is to read it.

        Raises
        ------
        Conflict
            With reason ``build_running`` while there is one.
        AgentAuthError
            As `AgentImage.build`.
        """
        if self._starting or self.running is not None:
            raise Conflict("The image is being built already: wait for it.", "build_running")
        self._starting = True
        try:
            build = self._sessions.service.image.build
            lines = await self._sessions.blocking(build, base_image, agents)
            image = await self._live.build_begins()
            self.running = ImageBuild(lines, self._sessions.blocking)
            self._task = asyncio.ensure_future(self._run(self.running, image))
            return self.running
        finally:
            self._starting = False

    async def cancel(self) -> None:
        """Break the build off if one runs, and wait a little until it is."""
        if self.running is not None and self._task is not None:
            self.running.cancel()
            await asyncio.wait([self._task], timeout=_CANCEL_SECONDS)

    async def _run(self, build: ImageBuild, image: str) -> None:
        try:
            await build.run()
            await self._live.build_ends(image, failed=build.failed)
        finally:
            self.running = None
            build.finish()


def _next(lines: Iterator[Line]) -> Line | None:
    try:
        return next(lines, None)
    except AgentAuthError as error:
        return {"type": "error", "message": error.message, "reason": error.reason}


def _close(lines: Iterator[Line]) -> None:
    close = getattr(lines, "close", None)
    if close is not None:
        close()
