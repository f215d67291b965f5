"""Sessions: agents in containers, in terminals of the server.

The only place that joins a plan, the engine and terminado. The engine is the truth about
what runs; this process adds what only it knows: the terminal, and how an agent ended.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Protocol, TypeVar

from .docker_run import docker_run_argv
from .engine import RunningContainer, no_session
from .errors import AgentAuthError, Conflict, EngineError, Unavailable
from .launch_plan import LaunchPlan
from .requests import LaunchRequest
from .service import AgentAuthService

T = TypeVar("T")

#: Terminals of ours; jupyter_server_terminals wants names that match ``\w+``.
TERMINAL_PREFIX = "agentauth_"

#: How many ended sessions are remembered with their exit status.
_REMEMBERED = 200

#: ``docker run`` could not start the container, or the command in it.
_NOT_STARTED = (125, 126, 127)


@dataclass(frozen=True)
class Session:
    """One session, as REST and the commands show it."""

    id: str
    agent: str
    profile: str
    worktree: str
    share_auth: bool
    terminal: str | None
    container: str | None
    state: str
    exit_code: int | None
    started: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {**self.__dict__, "warnings": list(self.warnings)}


def session_of(container: RunningContainer) -> Session:
    """Make a session of what the engine knows of its container."""
    labels = container.labels
    state = {"created": "starting", "running": "running", "paused": "paused"}
    return Session(
        id=labels.get("session", ""),
        agent=labels.get("agent", ""),
        profile=labels.get("profile", ""),
        worktree=labels.get("worktree", ""),
        share_auth=labels.get("share-auth") == "true",
        terminal=None,
        container=container.id,
        state=state.get(container.state, "exited"),
        exit_code=None,
        started=datetime.fromtimestamp(container.created, timezone.utc).isoformat(),
    )


class Terminals(Protocol):
    """What we use of jupyter_server_terminals' manager."""

    terminals: dict[str, Any]

    def create(self, **options: Any) -> dict[str, Any]: ...

    async def terminate(self, name: str, force: bool = False) -> None: ...


class _Watcher:
    """A client of a terminal that only looks: it keeps the last lines and sees the end."""

    #: No size of its own, so terminado sizes the terminal by the real clients.
    size = (None, None)

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self.tail = ""

    def on_pty_read(self, text: str) -> None:
        self.tail = (self.tail + text)[-4000:]

    def on_pty_died(self) -> None:
        self._ended()


class SessionManager:
    """Opens, lists and stops sessions; lives on the server's event loop.

    Parameters
    ----------
    service : AgentAuthService
        Plans, prepares and reaches the engine.
    terminals : callable
        Returns the terminal manager, or ``None`` where terminals are disabled. Called
        late: our extension is loaded before the one that makes it.
    """

    def __init__(
        self, service: AgentAuthService, terminals: Callable[[], Terminals | None]
    ) -> None:
        self.service = service
        self._terminals = terminals
        self._own: dict[str, Session] = {}
        self._stopped: dict[str, None] = {}
        self._closing = False
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="agentauth")

    async def blocking(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run something that blocks, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    async def open(self, request: LaunchRequest) -> Session:
        """Start an agent in a new terminal and wait until its container is there.

        Raises
        ------
        AgentAuthError
            Nothing runs then.
        """
        terminals = self._require_terminals()
        plan = await self.blocking(self.service.launch, request)
        session = _new_session(plan)
        self._own[plan.session] = session
        try:
            terminal, watcher = self._open_terminal(terminals, plan)
            container = await self.blocking(
                self.service.engine.wait_for_container,
                os.getuid(),
                plan.session,
                lambda: not self._closing and session.terminal in terminals.terminals,
            )
            return self._opened(plan, container, terminal, watcher)
        except BaseException:
            await asyncio.shield(self._abandon(plan.session))
            raise
        finally:
            self.service.launched(plan.session)

    async def all(self) -> list[Session]:
        """List this user's sessions, running and ended ones, oldest first.

        Raises
        ------
        EngineError
        """
        containers = await self.blocking(self.service.containers)
        running = {c.labels["session"]: session_of(c) for c in containers}
        merged = {key: self._merge(found) for key, found in running.items()}
        for key, own in self._own.items():
            if key not in merged:
                merged[key] = own if self._has_terminal(own) else _ended(own)
        return sorted(merged.values(), key=lambda session: session.started)

    async def by_worktree(self) -> dict[str, list[str]]:
        """Return the ids of running sessions by worktree; nothing while no engine runs."""
        try:
            sessions = await self.all()
        except EngineError:
            return {}
        found: dict[str, list[str]] = {}
        for session in sessions:
            if session.state != "exited":
                found.setdefault(session.worktree, []).append(session.id)
        return found

    async def get(self, session: str) -> Session:
        """Return one session.

        Raises
        ------
        NotFound, EngineError
        """
        for found in await self.all():
            if found.id == session:
                return found
        raise no_session(session)

    async def stop(self, session: str) -> None:
        """Stop a session's container and close its terminal; again does nothing.

        Raises
        ------
        NotFound
            For an id that was never a session's.
        EngineError
        """
        own = self._own.get(session)
        found = await self.blocking(self.service.stop, session)
        if not found and own is None and session not in self._stopped:
            raise no_session(session)
        if own is not None and self._has_terminal(own):
            await self._require_terminals().terminate(str(own.terminal), force=True)
            # The client may have asked for a container while it was being ended.
            await self.blocking(self.service.stop, session)
        self._own.pop(session, None)
        self._stopped[session] = None
        while len(self._stopped) > _REMEMBERED:
            del self._stopped[next(iter(self._stopped))]

    def close(self) -> None:
        """Let go of the threads; containers go on."""
        self._closing = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _abandon(self, session: str) -> None:
        """Leave nothing of a launch that did not come to its end."""
        own = self._own.pop(session, None)
        if own is not None and self._has_terminal(own):
            await self._require_terminals().terminate(str(own.terminal), force=True)
        with suppress(AgentAuthError):
            await self.blocking(self.service.stop, session)

    def _require_terminals(self) -> Terminals:
        terminals = self._terminals()
        if terminals is None:
            raise Unavailable(
                "Terminals are disabled on this server (c.ServerApp.terminals_enabled = False), "
                "and agents run in terminals: enable them.",
                "terminals_disabled",
            )
        return terminals

    def _has_terminal(self, session: Session) -> bool:
        terminals = self._terminals()
        return terminals is not None and session.terminal in terminals.terminals

    def _open_terminal(self, terminals: Terminals, plan: LaunchPlan) -> tuple[Any, _Watcher]:
        name = TERMINAL_PREFIX + plan.session
        terminals.create(name=name, shell_command=docker_run_argv(plan))
        terminal = terminals.terminals[name]
        watcher = _Watcher(lambda: self._terminal_ended(plan.session, terminal))
        terminal.clients.append(watcher)
        return terminal, watcher

    def _terminal_ended(self, session: str, terminal: Any) -> None:
        own = self._own.get(session)
        if own is not None:
            self._own[session] = _ended(own, _exit_code(terminal.ptyproc))
        ended = [key for key, value in self._own.items() if value.state == "exited"]
        for key in ended[:-_REMEMBERED]:
            del self._own[key]

    def _opened(
        self, plan: LaunchPlan, container: str | None, terminal: Any, watcher: _Watcher
    ) -> Session:
        if plan.session not in self._own:
            raise Conflict("The session was stopped while it was being opened.", "session_stopped")
        session = replace(self._own[plan.session], container=container)
        if session.exit_code in _NOT_STARTED and "docker: " in watcher.tail:
            raise _not_started(watcher.tail)
        if container is None and session.exit_code is None:
            raise Unavailable(
                "The container engine made no container in 30 seconds: look at "
                "`jupyter agentauth doctor` and try again.",
                "launch_timeout",
            )
        self._own[plan.session] = session
        return session

    def _merge(self, found: Session) -> Session:
        own = self._own.get(found.id)
        if own is None:
            return found
        if self._has_terminal(own):
            return replace(own, container=found.container, state=found.state)
        # Its client is gone, but the container lives on.
        return replace(
            own, terminal=None, container=found.container, state=found.state, exit_code=None
        )


def _new_session(plan: LaunchPlan) -> Session:
    return Session(
        id=plan.session,
        agent=plan.agent,
        profile=plan.profile,
        worktree=plan.worktree,
        share_auth=plan.share_auth,
        terminal=TERMINAL_PREFIX + plan.session,
        container=None,
        state="running",
        exit_code=None,
        started=datetime.now(timezone.utc).isoformat(),
        warnings=plan.warnings,
    )


def _ended(session: Session, exit_code: int | None = None) -> Session:
    code = session.exit_code if exit_code is None else exit_code
    return replace(session, terminal=None, state="exited", exit_code=code)


def _exit_code(process: Any) -> int | None:
    """Read a terminal's exit status as a shell gives it."""
    if process.signalstatus is not None:
        return 128 + int(process.signalstatus)
    return None if process.exitstatus is None else int(process.exitstatus)


def _not_started(output: str) -> AgentAuthError:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = next((line for line in lines if "Error" in line or "error" in line), "it said nothing")
    return Unavailable(
        f"The container engine could not start the session: {said.removeprefix('docker: ')}",
        "launch_failed",
    )
