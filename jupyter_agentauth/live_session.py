"""A session of this server that runs: its terminal, and what becomes of it.

The engine's client in the terminal can end while the container goes on (killed, or the engine
came back): then another takes its place. When the container has ended, the session has.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

from .agent_terminal import DEFAULT_SIZE, AgentTerminal, Size
from .docker_run import docker_attach_argv
from .engine import RunningContainer
from .engine_events import ContainerEvent
from .errors import EngineError
from .redaction import redacted
from .replay import Replay
from .service import AgentAuthService
from .session import Session, session_of, terminal_name
from .session_records import SessionRecord
from .terminals import AgentTerminals

T = TypeVar("T")

#: An engine's client that ends sooner than this did not work, and one that did so often
#: is not started again by itself.
_QUICK_SECONDS, _QUICK_ENDS = 2.0, 3

#: For an engine's client to end whose container has ended.
CLIENT_SECONDS = 3

#: Of the screen of an agent that failed, and characters of each.
_LAST_LINES, _LONGEST_LINE = 20, 1000


class Owner(Protocol):
    """What a session needs of its manager."""

    service: AgentAuthService
    closing: bool

    def terminals(self) -> AgentTerminals | None: ...

    def blocking(self, function: Callable[..., T], *arguments: Any) -> Awaitable[T]: ...

    async def stop(self, session: str) -> None: ...

    def changed(self, session: str, state: str) -> object: ...

    def worked(self, session: Session) -> object: ...

    async def ended(self, session: Session, stopped: bool) -> None: ...


class LiveSession:
    """One session.

    Parameters
    ----------
    owner : Owner
    session : Session
    record : SessionRecord
        Owned by this process.
    replay : Replay, optional
        What was on the screen before.

    Attributes
    ----------
    terminal : AgentTerminal or None
        ``None`` while nothing shows the container (it is paused, the engine is not there).
    stopping : bool
        Whether its end is wanted.
    """

    def __init__(
        self, owner: Owner, session: Session, record: SessionRecord, replay: Replay | None = None
    ) -> None:
        self.session = session
        self.record = record
        self.replay = replay or Replay()
        self.terminal: AgentTerminal | None = None
        self.stopping = False
        self._owner = owner
        self._ending = False
        self._exit_code: int | None = None
        self._attached = 0.0
        self._quick_ends = 0
        #: The size that a container whose client is an attached one is still to get.
        self._new_size: Size | None = None
        self._sizing: asyncio.Task[None] | None = None
        self._leaves_size = False

    def show(self, terminals: AgentTerminals, argv: list[str], size: Size) -> AgentTerminal:
        """Open its terminal with an engine's client in it."""
        name = terminal_name(self.session.id)
        terminal = terminals.open_agent_terminal(name, argv, size, self.replay)
        terminal.output = self._shown
        terminal.resized = lambda size: self.record.save_size(*size)
        terminal.pty_resized = self._resize
        terminal.next_client = self._next_client
        terminal.shut_down = partial(self._owner.stop, self.session.id)
        self.terminal = terminal
        self._attached = time.monotonic()
        return terminal

    async def follow(self, container: RunningContainer | None) -> None:
        """Bring what is known of it up to what the engine says."""
        if self.stopping:
            return
        state = "exited" if container is None else session_of(container).state
        if container is None or state == "exited":
            if self.terminal is None:
                await self._end(None)
            return
        if state == "starting" and self.session.state != "starting":
            return  # The list was read before the container was started.
        self.set(container=container.id, state=state)
        if self.terminal is None and state == "running":
            self._attach(container.id)

    async def container_event(self, event: ContainerEvent) -> None:
        """Take what the engine tells of its container."""
        if self.stopping or self.session.container != event.container:
            return
        if event.action == "pause":
            self.set(state="paused")
        elif event.action == "unpause":
            self.set(state="running")
            if self.terminal is None:
                self._attach(event.container)
        elif event.action == "die" and self.terminal is None:
            await self._end(event.exit_code)
        elif event.action == "die" and self.terminal is not None:
            self._exit_code = event.exit_code
            # Its client ends by itself, unless it cannot (it is a stopped process).
            end = self.terminal.end_client
            asyncio.get_running_loop().call_later(CLIENT_SECONDS, end)

    def set(self, **changes: Any) -> None:
        """Change what is known of it."""
        before, self.session = self.session.state, replace(self.session, **changes)
        if self.session.state != before:
            self._owner.changed(self.session.id, self.session.state)

    async def save(self) -> None:
        """Keep what the next server has to know of it."""
        save, server = self.record.save, self._owner.service.server
        await self._owner.blocking(save, self.session, server)

    def _shown(self, text: str) -> None:
        self._owner.worked(self.session)
        if self.record.keep(text):
            self.record.keep_anew(self.replay.text())

    async def _next_client(self) -> list[str] | None:
        """Say how the terminal goes on whose client has ended: with another, or not."""
        service, terminal = self._owner.service, self.terminal
        if self._owner.closing or self.stopping or terminal is None:
            return None
        try:
            found = await self._owner.blocking(service.containers, self.session.id)
        except EngineError:
            self._detach()  # Whether the container goes on, the next listing sees.
            return None
        if self._owner.closing or self.stopping:
            return None
        if not found or found[0].state not in ("running", "paused"):
            known = self._exit_code is not None
            await self._end(self._exit_code if known else terminal.exit_code)
            return None
        quick = time.monotonic() - self._attached < _QUICK_SECONDS
        self._quick_ends = self._quick_ends + 1 if quick else 0
        if found[0].state == "paused" or self._quick_ends >= _QUICK_ENDS:
            self._detach()
            return None
        self.replay.mark_gap()
        self._attached = time.monotonic()
        self._leaves_size = True
        return docker_attach_argv(service.engine.docker_command, found[0].id)

    def _attach(self, container: str) -> None:
        """Show a running container in a terminal again."""
        terminals = self._owner.terminals()
        if terminals is None:
            return
        self.replay.mark_gap()
        argv = docker_attach_argv(self._owner.service.engine.docker_command, container)
        size = self.record.load_size() or DEFAULT_SIZE
        self.show(terminals, argv, size)
        self.set(terminal=terminal_name(self.session.id))
        self._leaves_size = True
        self._resize(size)

    def _resize(self, size: Size) -> None:
        """Give the container the terminal's size, if the engine's client does not."""
        self._new_size = size if self._leaves_size else None
        if self._new_size is not None and (self._sizing is None or self._sizing.done()):
            self._sizing = asyncio.ensure_future(self._resize_container())

    async def _resize_container(self) -> None:
        # One after the other: the last that was said must be the last that is set.
        while (size := self._new_size) is not None:
            self._new_size = None
            with suppress(EngineError):
                container = str(self.session.container)
                await self._owner.blocking(self._owner.service.engine.resize, container, *size)

    def _detach(self) -> None:
        self.terminal = None
        self.set(terminal=None)

    async def _end(self, exit_code: int | None) -> None:
        if self._ending:
            return
        self._ending = True
        service, container = self._owner.service, self.session.container
        code, problem = await self._owner.blocking(service.how_it_ended, container, exit_code)
        lines = last_lines(self.replay) if code != 0 else ()
        self.terminal = None
        self.session = self.session.ended(code, problem, lines)
        stopped = await self._owner.blocking(self.record.finish, self.session, service.server)
        await self._owner.ended(self.session, stopped)


def last_lines(replay: Replay) -> tuple[str, ...]:
    """Return the last lines of a screen, as they can be shown elsewhere."""
    lines: Iterable[str] = replay.last_lines(_LAST_LINES)
    return tuple(redacted(line, os.environ)[:_LONGEST_LINE] for line in lines)
