"""Sessions: agents in containers, in terminals of the server.

The only place that joins a plan, the engine and the terminals. The engine is the truth about
what runs. A session belongs to the server that opened it, which holds its record's lock;
when that process ends, however it ends, the container goes on, and the next server with the
same root takes the session over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from .agent_terminal import DEFAULT_SIZE, NO_SIZE, AgentTerminal
from .docker_run import docker_run_argv
from .engine_errors import no_session
from .engine_events import ContainerEvent
from .errors import AgentAuthError, Conflict, EngineError, shown
from .first_size import UNSEEN_SECONDS, wait_for_size
from .launch_failure import no_container, why_not_started
from .launch_plan import LaunchPlan
from .live_session import CLIENT_SECONDS, LiveSession
from .owner import owner
from .past_sessions import PastSessions
from .requests import LaunchRequest
from .service import AgentAuthService
from .session import Session, planned_session, session_of
from .session_records import SessionRecords
from .sessions_before import sessions_before
from .terminals import AgentTerminals, terminals_disabled

T = TypeVar("T")

#: ``docker run`` could not start the container, or the command in it.
NOT_STARTED = (125, 126, 127)

#: More at once take the engine longer than one after the other, and each its patience.
_LAUNCHES_AT_ONCE = 4

#: Docker 20.10.24 came to a standstill, of which only its restart helped, when dozens of
#: containers ended at the same moment (its network locks, taken in two orders).
_STOPS_AT_ONCE = 2

#: For calls that are under way when the server ends.
_LAST_CALLS_SECONDS = 2


class SessionManager:
    """Opens, lists, takes over and stops sessions; lives on the server's event loop.

    Parameters
    ----------
    service : AgentAuthService
        Plans, prepares and reaches the engine.
    terminals : callable
        Returns the terminal manager, or ``None`` where terminals are disabled. Called
        late: our extension is loaded before the one that makes it.
    changed : callable
        Told a session's id and its new state: one of a `Session`, or ``stopped``.
    worked : callable
        Told a session whenever its agent prints something.
    records : SessionRecords, optional
    """

    def __init__(
        self,
        service: AgentAuthService,
        terminals: Callable[[], AgentTerminals | None],
        changed: Callable[[str, str], object] = lambda session, state: None,
        worked: Callable[[Session], object] = lambda session: None,
        records: SessionRecords | None = None,
    ) -> None:
        self.service = service
        self.terminals = terminals
        self.changed = changed
        self.worked = worked
        self.closing = False
        self.records = records or SessionRecords()
        #: The ids of those in whose place a new one is being started.
        self.restarting: set[str] = set()
        self._live: dict[str, LiveSession] = {}
        self._past = PastSessions()
        self._abandoned: set[str] = set()
        self._being_stopped: set[str] = set()
        self._taken_over = False
        self._taking_over = asyncio.Lock()
        #: Held by whoever launches a container.
        self.launches = asyncio.Semaphore(_LAUNCHES_AT_ONCE)
        self._stops = asyncio.Semaphore(_STOPS_AT_ONCE)
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="agentauth")
        self._calls: set[Future[Any]] = set()

    async def blocking(self, function: Callable[..., T], *arguments: Any) -> T:
        """Run something that blocks, off the event loop."""
        call = self._threads.submit(function, *arguments)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return await asyncio.wrap_future(call)

    async def open(
        self,
        request: LaunchRequest,
        make_room: Callable[[], Awaitable[None]] | None = None,
        worktree: str | None = None,
    ) -> Session:
        """Start an agent in a new terminal and wait until its container is there.

        Parameters
        ----------
        make_room : callable, optional
            Awaited when all is ready and only the container is still to be made.
        worktree : str, optional
            The worktree that it must be, of a session that was started before.

        Raises
        ------
        AgentAuthError
            Nothing runs then.
        """
        self._require_terminals()
        async with self.launches:
            plan = await self.blocking(self._launch, request)
            try:
                if worktree not in (None, plan.worktree):
                    raise Conflict(
                        f"The session worked in {shown(str(worktree))}, and its directory is in "
                        f"another worktree now, {shown(plan.worktree)}: open a new session.",
                        "worktree_changed",
                    )
                if make_room is not None:
                    await make_room()
                return await self._open(plan, request)
            except BaseException:
                await asyncio.shield(self._abandon(plan.session))
                self.changed(plan.session, "stopped")
                raise
            finally:
                self.service.launched(plan.session)

    async def take_over(self) -> None:
        """Go on with the sessions of the server that was here before; does it once.

        Raises
        ------
        EngineError
            It is tried again at the next call then.
        """
        async with self._taking_over:
            if self._taken_over:
                return
            live, ended = await sessions_before(self, self.records, self._live)
            self._live.update({session.session.id: session for session in live})
            for session in ended:
                self._past.remember(session)
            self._taken_over = True

    async def all(self) -> list[Session]:
        """List the sessions of this server and of no server, also ended ones, oldest first.

        Raises
        ------
        EngineError
        """
        await self.take_over()
        containers = await self.blocking(self.service.containers)
        found = {c.labels["session"]: c for c in containers}
        for session in self._abandoned & found.keys():
            await self.blocking(self.service.stop, session)
        self._abandoned.clear()
        for session, live in list(self._live.items()):
            await live.follow(found.get(session))
        # What another server opened is its own affair; what a command runs is nobody's.
        others = [session_of(c) for c in containers if not c.labels.get("server")]
        ours = [live.session for live in self._live.values()]
        return sorted([*ours, *others, *self._past.ended], key=lambda session: session.started)

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
            For an id that was never a session's, or is another server's.
        EngineError
        """
        await self.take_over()
        live = self._live.get(session)
        if live is not None:
            await self._stop(live)
        elif self._past.forget(session):
            await self.blocking(self.records.forget, session)
        elif await self.blocking(self._is_nobodys, session):
            await self._stop_nobodys(session)
        elif self._past.was_stopped(session):
            return
        else:
            raise no_session(session)
        self._note_stopped(session)

    def abandon(self, session: str) -> None:
        """Have what an engine made of a session that nobody wants go, once it can be reached."""
        self._abandoned.add(session)

    def was_stopped(self, session: str) -> bool:
        """Tell whether a session was stopped here, not all too long ago, or is being stopped."""
        return session in self._being_stopped or self._past.was_stopped(session)

    async def container_event(self, event: ContainerEvent) -> None:
        """Take what the engine tells of a container."""
        live = self._live.get(event.session)
        if live is not None:
            await live.container_event(event)

    async def close(self) -> None:
        """Let go of the sessions, which go on, and wait a moment for what is being asked."""
        self.closing = True
        for live in self._live.values():
            live.record.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        # Who still asks the engine would connect to it again after `Engine.close`.
        if asked := [asyncio.wrap_future(call) for call in self._calls]:
            await asyncio.wait(asked, timeout=_LAST_CALLS_SECONDS)

    def _launch(self, request: LaunchRequest) -> LaunchPlan:
        plan = self.service.launch(request)
        return wait_for_size(plan) if self.service.image.has(plan.image, "sh") else plan

    async def _open(self, plan: LaunchPlan, request: LaunchRequest) -> Session:
        record = await self.blocking(self.records.claim, plan.session)
        assert record is not None  # The id is new.
        record.start = replace(request, worktree=plan.workdir, profile=plan.profile)
        live = LiveSession(self, planned_session(plan), record)
        self._live[plan.session] = live
        await live.save()
        terminal = live.show(self._require_terminals(), docker_run_argv(plan), NO_SIZE)
        self.changed(plan.session, "starting")
        container = await self.blocking(
            self.service.engine.wait_for_container,
            owner(),
            plan.session,
            lambda: not self.closing and not terminal.client_has_ended,
        )
        if terminal.client_has_ended:
            await terminal.settled()
        if live.stopping:
            raise Conflict("The session was stopped while it was being opened.", "session_stopped")
        return await self._opened(live, terminal, container, plan.image)

    async def _opened(
        self, live: LiveSession, terminal: AgentTerminal, container: str | None, image: str
    ) -> Session:
        ended = self._past.get(live.session.id)
        if ended is not None:
            if ended.exit_code in NOT_STARTED and "docker: " in live.replay.text():
                self._past.forget(ended.id)
                raise why_not_started(live.replay.text(), image)
            return ended
        if container is None:
            raise no_container()
        live.set(container=container, state="running")
        await live.save()
        asyncio.get_running_loop().call_later(UNSEEN_SECONDS, terminal.give_size, DEFAULT_SIZE)
        return live.session

    async def _abandon(self, session: str) -> None:
        """Leave nothing of a launch that did not come to its end."""
        live = self._live.get(session)
        if live is None:
            await self.blocking(self.records.forget, session)
        else:
            if live.terminal is not None:
                live.stopping = True
                live.terminal.end_client()
            with suppress(AgentAuthError):
                await self._stop(live)
                return
            self.abandon(session)
            if live.terminal is not None:
                await live.terminal.ended.wait()
            self._live.pop(session, None)
            await self.blocking(live.record.remove)

    def _require_terminals(self) -> AgentTerminals:
        terminals = self.terminals()
        if terminals is None:
            raise terminals_disabled()
        return terminals

    async def ended(self, session: Session, stopped: bool) -> None:
        """Take note that a session ended, by itself or because a command stopped it."""
        if self._live.pop(session.id, None) is None:
            await self.blocking(self.records.forget, session.id)  # Stopped in this moment.
            return
        if stopped:
            self._note_stopped(session.id)
            return
        self._past.remember(session)
        self.changed(session.id, "exited")
        await self.blocking(self.records.forget_oldest)

    def _note_stopped(self, session: str) -> None:
        self._past.note_stopped(session)
        self.changed(session, "stopped")

    async def _stop(self, live: LiveSession) -> None:
        session, terminal = live.session.id, live.terminal
        live.stopping = True
        try:
            async with self._stops:
                await self.blocking(self.service.stop, session)
            if terminal is not None:
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(terminal.ended.wait(), CLIENT_SECONDS)
                terminal.end_client()
                await terminal.ended.wait()
                # The client may have asked for a container while it was being ended.
                await self.blocking(self.service.stop, session)
        except BaseException:
            live.stopping = False
            raise
        self._live.pop(session, None)
        await self.blocking(live.record.remove)

    async def _stop_nobodys(self, session: str) -> None:
        self._being_stopped.add(session)
        try:
            await self.blocking(self.service.stop, session)
            # Before it counts as being stopped no longer.
            self._past.note_stopped(session)
        finally:
            self._being_stopped.discard(session)

    def _is_nobodys(self, session: str) -> bool:
        """Tell whether a session is one that no server opened, such as a command's."""
        return any(not c.labels.get("server") for c in self.service.containers(session))
