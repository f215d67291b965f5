"""A session's terminal: what is in its pty can end and be replaced while the agent goes on."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from terminado.management import PtyWithClients
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError

from .client_process import ClientProcess
from .pace import Pace
from .replay import Replay

if TYPE_CHECKING:
    from collections import deque

_log = logging.getLogger(__name__)

Size = tuple[int, int]

#: The engine's client leaves the container's terminal as it is while its own has no size.
NO_SIZE: Size = (0, 0)

#: What a terminal gets when nobody says a size.
DEFAULT_SIZE: Size = (24, 80)

#: After which a client that was just starting is told its first size again.
_SAID_AGAIN_SECONDS = 0.5

#: Between the two changes of size that have an agent draw its screen anew: OpenCode 1.18.33
#: and Codex 0.169.0 took no notice of one that lasted 0.05 s.
_REDRAW_SECONDS = 1.0

#: Between two looks whether a process that closed its terminal has ended.
_POLL_SECONDS = 0.01

#: For such a process to end by itself.
_PATIENCE_SECONDS = 5


class AgentTerminal(PtyWithClients):
    """A terminal of a session.

    Parameters
    ----------
    argv : list of str
        The engine's client.
    env : dict
        Its environment.
    size : tuple of int
        Rows and columns to begin with, or `NO_SIZE`.
    replay : Replay
        What a client that connects is sent.

    Attributes
    ----------
    output, resized, pty_resized : callable
        Told what was written, each new size, and each that the pty gets, for a redraw, too.
    next_client : callable
        Asked when the engine's client has ended: the command line of the next one, or
        ``None`` when there is nothing more to show.
    shut_down : callable
        What a user wants who shuts the terminal down.
    ended : asyncio.Event
        Set when there is nothing more to show.
    """

    def __init__(self, argv: list[str], env: dict[str, str], size: Size, replay: Replay) -> None:
        # Not `super().__init__()`, which starts the process with a size of its own choice.
        self.clients: list[Any] = []
        self._show_from(replay)
        self.term_name: str | None = None
        self.output: Callable[[str], object] = _ignore
        self.resized: Callable[[Size], object] = _ignore
        self.pty_resized: Callable[[Size], object] = _ignore
        self.next_client: Callable[[], Awaitable[list[str] | None]] = _nothing
        self.shut_down: Callable[[], Awaitable[None]] = _nothing
        self.ended = asyncio.Event()
        self._env = env
        self._sized: set[int] = set()
        self._server_ends = False
        self._pace = Pace(self._hold, self._show_again)
        #: There while a client's end is looked into; set when it is known what comes after.
        self._settled: asyncio.Event | None = None
        self.ptyproc = ClientProcess.start(argv, self._env, size)

    @property
    def size(self) -> Size:
        """Rows and columns."""
        rows, columns = NO_SIZE if self.ptyproc.closed else self.ptyproc.getwinsize()
        return rows, columns

    @property
    def exit_code(self) -> int | None:
        """How the engine's client ended, as a shell gives it."""
        if self.ptyproc.signalstatus is not None:
            return 128 + int(self.ptyproc.signalstatus)
        return None if self.ptyproc.exitstatus is None else int(self.ptyproc.exitstatus)

    @property
    def client_has_ended(self) -> bool:
        """Whether the engine's client has ended, and no other was started yet."""
        looked_into = self._settled is not None and not self._settled.is_set()
        return looked_into or self.ended.is_set()

    def resize(self, size: Size) -> None:
        """Set the size, if the engine's client runs."""
        before = self.size
        if size == before or self.ptyproc.closed:
            return
        self._resize_pty(size)
        self.resized(size)
        if before == NO_SIZE:
            # A client that is just starting may have read the size, but not listen to changes yet.
            IOLoop.current().call_later(_SAID_AGAIN_SECONDS, self._say_size)

    def give_size(self, size: Size) -> None:
        """Set the size if it has none."""
        if self.size == NO_SIZE:
            self.resize(size)

    def resize_to_smallest(self) -> None:
        """Take the smallest of the clients' sizes; called when one comes, changes or goes."""
        sized = {id(client): client.size for client in self.clients if all(client.size)}
        new = sized.keys() - self._sized
        self._sized = set(sized)
        if not sized:
            return
        smallest = min(rows for rows, _ in sized.values()), min(c for _, c in sized.values())
        if new and self._replay.cut and smallest == self.size:
            self.redraw()
        self.resize(smallest)

    def redraw(self) -> None:
        """Have the agent draw its whole screen anew, by a change of size and back.

        Of its columns: one row less moves Codex 0.169.0's input line up for good.
        """
        rows, columns = size = self.size
        smaller = (rows, max(columns - 1, 1))
        if self.ptyproc.closed:
            return
        self._resize_pty(smaller)

        def back() -> None:
            if self.size == smaller:
                self._resize_pty(size)
                self._replay.mark_redrawn()

        IOLoop.current().call_later(_REDRAW_SECONDS, back)

    def _resize_pty(self, size: Size) -> None:
        self.ptyproc.setwinsize(*size)
        self.pty_resized(size)

    def _say_size(self) -> None:
        if not self.ptyproc.closed and self.ptyproc.isalive():
            self.ptyproc.kill(signal.SIGWINCH)

    def read(self) -> None:
        """Take what the process wrote, and give it to all that look.

        Raises
        ------
        EOFError
            When it has ended.
        """
        try:
            text = self.ptyproc.read(65536)
        except EOFError:
            self._settled = asyncio.Event()
            raise
        self._replay.append(text)
        self.output(text)
        for client in list(self.clients):
            self._pace.send(client, text)

    def _hold(self, held: bool) -> None:
        # Its handler is not there yet, or no longer, while its end is looked into.
        if not self.client_has_ended:
            self.ptyproc.hold(held)

    def _show_again(self, client: Any) -> None:
        if client in self.clients:
            client.on_pty_read(f"\x1bc{self._replay.text()}")
            if self._replay.cut:
                self.redraw()

    async def settled(self) -> None:
        """Wait until it is known how the terminal goes on whose client has ended."""
        if self._settled is not None:
            await self._settled.wait()

    async def go_on(self) -> bool:
        """See the engine's client off, and start the next one if there is one.

        Returns
        -------
        bool
            Whether there is; if not, `finish` is to be called.
        """
        await self._see_off()
        size = self.size
        self.ptyproc.close()
        argv = None
        try:
            argv = None if self._server_ends else await self.next_client()
        except Exception:
            # Whatever it was: who looks at the terminal must not wait for ever.
            _log.exception("How the terminal %s goes on is not known.", self.term_name)
        if argv is None or self._server_ends:
            return False
        self.ptyproc = ClientProcess.start(argv, self._env, size)
        self._settle()
        return True

    def finish(self) -> None:
        """Tell all that look, and all that wait, that nothing more comes."""
        self.ended.set()
        self._settle()
        if not self._server_ends:
            # To a client whose server ends this would mean that the session has ended.
            for client in list(self.clients):
                with suppress(WebSocketClosedError):
                    client.on_pty_died()
            self.clients.clear()
        # Its session and its screen are let go at once, not when cycles are looked for.
        self.output = self.resized = self.pty_resized = _ignore
        self.next_client = self.shut_down = _nothing
        self._show_from(Replay())

    def _show_from(self, replay: Replay) -> None:
        """Have clients that connect be sent this."""
        self._replay = replay
        # terminado 0.18.1, `TermSocket.open`: all that it does with it is to copy it.
        self.read_buffer = cast("deque[str]", replay)

    def _settle(self) -> None:
        if self._settled is not None:
            self._settled.set()

    def end_client(self) -> None:
        """Kill the engine's client; the container goes on."""
        if not self.ptyproc.closed and self.ptyproc.isalive():
            self.ptyproc.kill(signal.SIGKILL)

    async def terminate(self, force: bool = False) -> bool:
        """Let go of the container, since the server ends."""
        self._server_ends = True
        self.end_client()
        await self.ended.wait()
        return True

    async def _see_off(self) -> None:
        # It closed its terminal, so it is about to end.
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.ptyproc.isalive():
            if time.monotonic() > deadline:
                self.end_client()
            await asyncio.sleep(_POLL_SECONDS)


def _ignore(_: object) -> None: ...


async def _nothing() -> None: ...
