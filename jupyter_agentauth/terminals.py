"""Terminals of agents, among jupyter_server_terminals' own.

`agent_terminals` puts a few rules in front of the server's terminal manager. They are for
terminals whose name is of ours; all others are made, read and ended as they always were.

- Nothing but a session is ever opened under a name of ours. JupyterLab restores a tab by
  posting its old name to ``/api/terminals``, which starts a shell of the host: where an
  agent was, that would be a trap.
- Such a terminal shows a container. Its process is only the engine's client, which can end
  (killed, or with the server) and be replaced while the agent goes on.
- Shutting the terminal down stops the session; the end of the server does not.
- It is not culled when idle, since that would end the client and free nothing.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from jupyter_server_terminals.terminalmanager import TerminalManager
from ptyprocess import PtyProcessUnicode
from terminado.management import PtyWithClients, preexec_fn
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

from .errors import AgentAuthError
from .replay import Replay
from .session import TERMINAL_PREFIX

Size = tuple[int, int]

#: The engine's client leaves the container's terminal as it is while its own has no size.
NO_SIZE: Size = (0, 0)

#: What a terminal gets when nobody says a size.
DEFAULT_SIZE: Size = (24, 80)

#: After which a client that was just starting is told its first size again.
_SAID_AGAIN_SECONDS = 0.5

#: Between the two changes of size that have an agent draw its screen anew.
_REDRAW_SECONDS = 0.1

#: Between two looks whether a process that closed its terminal has ended.
_POLL_SECONDS = 0.01

#: For such a process to end by itself.
_PATIENCE_SECONDS = 5

#: Keys that wait for a client which does not read (a stopped one); more are dropped.
_MOST_UNWRITTEN = 1_000_000


class ClientProcess(PtyProcessUnicode):  # type: ignore[misc]
    """The engine's client in its pty. To write to it never blocks.

    terminado writes the keys of all terminals in one thread, so one client that does not
    read, such as a stopped one, would take them from every terminal of the server.
    """

    def __init__(self, pid: int, fd: int) -> None:
        super().__init__(pid, fd)
        # ptyprocess would sleep, on the event loop; who closes it waits before.
        self.delayafterclose = 0
        # As terminado does: output need not be UTF-8.
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        os.set_blocking(fd, False)
        self._unwritten = bytearray()
        self._writing = threading.Lock()
        self._loop = IOLoop.current()

    def write(self, text: str) -> int:
        """Write keys, now or as soon as the process reads; called in terminado's thread."""
        data = text.encode()
        with self._writing:
            if len(self._unwritten) + len(data) <= _MOST_UNWRITTEN:
                self._unwritten += data
            if self._write_some():
                return len(data)
        self._loop.add_callback(self._write_later)
        return len(data)

    def write_rest(self) -> None:
        """Go on writing; called on the event loop when the process may read again."""
        with self._writing:
            if self._write_some() and not self.closed:
                self._loop.update_handler(self.fd, self._loop.READ)

    def _write_later(self) -> None:
        with self._writing:
            if self._unwritten and not self.closed:
                self._loop.update_handler(self.fd, self._loop.READ | self._loop.WRITE)

    def _write_some(self) -> bool:
        try:
            while self._unwritten and not self.closed:
                del self._unwritten[: os.write(self.fd, self._unwritten[:4096])]
        except BlockingIOError:
            return False
        except OSError:
            self._unwritten.clear()  # It ended.
        return True


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
    output, resized : callable
        Told what was written, and each new size.
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
        self.read_buffer = replay  # type: ignore[assignment]
        self.term_name: str | None = None
        self.output: Callable[[str], object] = _ignore
        self.resized: Callable[[Size], object] = _ignore
        self.next_client: Callable[[], Awaitable[list[str] | None]] = _nothing
        self.shut_down: Callable[[], Awaitable[None]] = _nothing
        self.ended = asyncio.Event()
        self._env = env
        self._sized: set[int] = set()
        self._server_ends = False
        #: There while a client's end is looked into; set when it is known what comes after.
        self._settled: asyncio.Event | None = None
        self.ptyproc = self._spawn(argv, size)

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
        self.ptyproc.setwinsize(*size)
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
        if new and self.read_buffer.cut and smallest == self.size:  # type: ignore[attr-defined]
            self.redraw()
        self.resize(smallest)

    def redraw(self) -> None:
        """Have the agent draw its whole screen anew, by a change of size and back."""
        rows, columns = size = self.size
        smaller = (max(rows - 1, 1), columns)
        if self.ptyproc.closed:
            return
        self.ptyproc.setwinsize(*smaller)

        def back() -> None:
            if self.size == smaller:
                self.ptyproc.setwinsize(*size)

        IOLoop.current().call_later(_REDRAW_SECONDS, back)

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
        self.read_buffer.append(text)
        self.output(text)
        for client in list(self.clients):
            with suppress(WebSocketClosedError):
                client.on_pty_read(text)

    async def settled(self) -> None:
        """Wait until it is known how the terminal goes on whose client has ended."""
        if self._settled is not None:
            await self._settled.wait()

    async def go_on(self) -> bool:
        """See the engine's client off, and start the next one if there is one.

        Returns
        -------
        bool
            Whether there is. If not, all that look are told.
        """
        await self._see_off()
        size = self.size
        self.ptyproc.close()
        argv = None if self._server_ends else await self.next_client()
        if argv is not None and not self._server_ends:
            self.ptyproc = self._spawn(argv, size)
            self._settle()
            return True
        self.ended.set()
        self._settle()
        if not self._server_ends:
            # To a client whose server ends this would mean that the session has ended.
            for client in list(self.clients):
                with suppress(WebSocketClosedError):
                    client.on_pty_died()
            self.clients.clear()
        return False

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

    def _spawn(self, argv: list[str], size: Size) -> ClientProcess:
        process: ClientProcess = ClientProcess.spawn(
            argv, env=self._env, dimensions=size, preexec_fn=preexec_fn
        )
        return process


class AgentTerminals(TerminalManager):
    """The server's terminals, with those of agents among them."""

    def open_agent_terminal(
        self, name: str, argv: list[str], size: Size, replay: Replay
    ) -> AgentTerminal:
        """Open a session's terminal.

        Parameters
        ----------
        name : str
            Begins with `session.TERMINAL_PREFIX`.
        argv, size, replay
            As of `AgentTerminal`.

        """
        env = self.make_term_env(**self.term_settings)
        terminal = AgentTerminal(argv, env, size, replay)
        terminal.term_name = name
        self.create(name=name, agent_terminal=terminal)
        return terminal

    def new_named_terminal(self, **kwargs: Any) -> tuple[str, PtyWithClients]:
        """Open a terminal, under a name of ours only for a session."""
        name, terminal = kwargs.get("name"), kwargs.get("agent_terminal")
        if isinstance(terminal, AgentTerminal) and isinstance(name, str):  # Not out of JSON.
            self.terminals[name] = terminal
            self.start_reading(terminal)
            return name, terminal
        _refuse_ours(name)
        return super().new_named_terminal(**kwargs)

    def get_terminal(self, term_name: str) -> PtyWithClients:  # type: ignore[override]
        """Return a terminal; one of ours is not made by being asked for."""
        if term_name not in self.terminals:
            _refuse_ours(term_name)
        return super().get_terminal(term_name)

    async def terminate(self, name: str, force: bool = False) -> None:
        """End a terminal; with one of ours its session, as its user wants."""
        terminal = self.terminals.get(name)
        if not isinstance(terminal, AgentTerminal):
            await super().terminate(name, force=force)
            return
        try:
            await terminal.shut_down()
        except AgentAuthError as error:
            raise HTTPError(error.status, error.message) from None

    async def terminate_all(self) -> None:
        """End all terminals with the server; containers go on."""
        ours = [t for t in self.terminals.values() if isinstance(t, AgentTerminal)]
        await asyncio.gather(*(terminal.terminate() for terminal in ours))
        await super().terminate_all()

    def pty_read(self, fd: int, events: Any = None) -> None:
        """Read from a terminal, or write what waits for it; called by the event loop."""
        terminal = self.ptys_by_fd[fd]
        if not isinstance(terminal, AgentTerminal):
            super().pty_read(fd, events)
            return
        loop = IOLoop.current()
        if events is not None and events & loop.WRITE:
            terminal.ptyproc.write_rest()
        if events == loop.WRITE:
            return
        self.pre_pty_read_hook(terminal)  # The time of the last activity.
        try:
            terminal.read()
        except EOFError:
            del self.ptys_by_fd[fd]
            loop.remove_handler(fd)
            loop.add_callback(self._client_ended, terminal)

    async def _client_ended(self, terminal: AgentTerminal) -> None:
        if await terminal.go_on():
            self.start_reading(terminal)
        elif self.terminals.get(str(terminal.term_name)) is terminal:
            del self.terminals[str(terminal.term_name)]

    async def _cull_inactive_terminal(self, name: str) -> None:
        if not isinstance(self.terminals.get(name), AgentTerminal):
            await super()._cull_inactive_terminal(name)


def with_agents(manager: type[TerminalManager]) -> type[TerminalManager]:
    """Return the class of a server's terminal manager with our rules in front of its own."""
    if issubclass(manager, AgentTerminals):
        return manager
    if manager is TerminalManager:
        return AgentTerminals
    return type(AgentTerminals.__name__, (AgentTerminals, manager), {})


def _refuse_ours(name: object) -> None:
    if isinstance(name, str) and name.startswith(TERMINAL_PREFIX):
        raise HTTPError(
            403,
            f"{TERMINAL_PREFIX}… is the terminal of an agent's session, which is opened by "
            "POST agentauth/api/sessions.",
        )


def _ignore(_: object) -> None: ...


async def _nothing() -> None: ...
