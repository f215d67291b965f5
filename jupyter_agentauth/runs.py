"""Runs: agents on one prompt, without a terminal, whose words are streamed.

A run belongs to nobody among the engine's containers: it is listed beside the sessions, by every
server and command, and can be stopped there. Its words are this server's alone. It goes on when
nobody reads them, and when the server ends, for its work lies in the worktree.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from .agent_run import AgentRun, problem_of, started
from .docker_run import docker_run_argv
from .errors import FAULT, AgentAuthError, NotFound
from .headless.arguments import keeps_conversations
from .launch_failure import no_container, why_not_started
from .launch_plan import LaunchPlan
from .line_stream import Line
from .owner import owner
from .requests import RunRequest
from .run_changes import RunStart, changes_since, look_at_start
from .session import planned_session
from .sessions import NOT_STARTED, SessionManager

#: How many runs that ended can still be read, and how much of them beside the last one, in
#: characters.
_REMEMBERED, _REMEMBERED_SIZE = 20, 64 << 20

#: For the client of a container that is gone to end.
_CLIENT_SECONDS = 10

#: How runs end whose containers may go on.
_MAY_GO_ON = ("client_lost", FAULT["reason"])

_log = logging.getLogger(__name__)

_CANCELLED = "The run was cancelled; what the agent had changed until then is still there."


class RunManager:
    """Starts, finds and cancels runs; lives on the server's event loop.

    Parameters
    ----------
    sessions : SessionManager
        Its service launches, its threads do what blocks, and it stops containers.
    """

    def __init__(self, sessions: SessionManager) -> None:
        self._sessions = sessions
        self._runs: dict[str, AgentRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, request: RunRequest) -> AgentRun:
        """Start a run, and wait until its container is there.

        Raises
        ------
        AgentAuthError
            Nothing runs then.
        """
        sessions, service = self._sessions, self._sessions.service
        launch, stdin, events = await sessions.blocking(service.headless, request)
        async with sessions.launches:
            plan = await sessions.blocking(service.launch, launch)
            run = AgentRun(plan, events, _worked(sessions, plan))
            try:
                before = await sessions.blocking(
                    look_at_start, service.worktree_service, plan.worktree
                )
                await self._open(run, stdin)
            except BaseException:
                run.cancelled = True
                await asyncio.shield(self._abandon(run))
                raise
            finally:
                service.launched(plan.session)
        self._runs[plan.session] = run
        task = asyncio.ensure_future(self._follow(run, before))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    def get(self, run: str) -> AgentRun:
        """Return a run of this server that is still known.

        Raises
        ------
        NotFound
        """
        if run in self._runs:
            return self._runs[run]
        raise NotFound(
            f"There is no run {run!r} on this server, or it ended long ago: "
            "`jupyter agentauth sessions` lists what still runs.",
            "run_not_found",
        )

    async def stop(self, run: str) -> None:
        """Cancel a run; its container is gone then. Again does nothing.

        One that is not this server's any more is a session among others, and is stopped as such.

        Raises
        ------
        NotFound
            For an id that is no session's either.
        EngineError
        """
        known = self._runs.get(run)
        if known is None:
            await self._sessions.stop(run)
        elif known.ended.is_set():
            if known.lines.last.get("reason") in _MAY_GO_ON:
                with suppress(NotFound):
                    await self._sessions.stop(run)
        else:
            known.cancelled = True
            try:
                with suppress(NotFound):  # It ended by itself in this moment.
                    await self._sessions.stop(run)
            except BaseException:
                known.cancelled = False
                raise
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(known.ended.wait(), _CLIENT_SECONDS)
            known.kill_client()

    def close(self) -> None:
        """Let go of the runs, which go on."""
        for run in self._runs.values():
            run.kill_client()
        for task in self._tasks:
            task.cancel()

    async def _open(self, run: AgentRun, stdin: str) -> None:
        sessions, plan = self._sessions, run.plan
        sessions.changed(plan.session, "starting")
        try:
            await run.start(docker_run_argv(plan), stdin)
        except OSError as error:
            raise why_not_started(f"Error: {error.strerror}", plan.image) from None
        run.container = await sessions.blocking(
            sessions.service.engine.wait_for_container,
            owner(),
            plan.session,
            lambda: not sessions.closing and not run.client_has_ended,
        )
        if run.container is None and not run.client_has_ended:
            raise no_container()
        if run.container is None:
            await run.follow()
            if run.exit_code in NOT_STARTED and "docker: " in run.errors:
                raise why_not_started(run.errors, plan.image)
        sessions.changed(plan.session, "running")
        # Before all that it printed meanwhile, if it was too quick to be seen.
        run.lines.begin_with(started(run))

    async def _abandon(self, run: AgentRun) -> None:
        """Leave nothing of a launch that did not come to its end."""
        run.kill_client()
        await run.client_ended()
        try:
            await self._sessions.blocking(self._sessions.service.stop, run.plan.session)
        except AgentAuthError:
            self._sessions.abandon(run.plan.session)
        self._sessions.changed(run.plan.session, "stopped")

    async def _follow(self, run: AgentRun, before: RunStart | None) -> None:
        session = run.plan.session
        try:
            if not run.ended.is_set():
                await run.follow()
            seconds = run.seconds
            stopped = run.cancelled or self._sessions.was_stopped(session)
            last = await self._end(run, stopped)
            await self._tell_changes(run, before)
            run.lines.tell({**last, "seconds": seconds})
            if not stopped:
                self._sessions.changed(session, "exited")
        except Exception:
            # Whatever it was: its readers wait for a last line, and nobody else sees this task.
            _log.exception("A run ended in a fault.")
            run.kill_client()
            await self._tell_changes(run, before)
            run.lines.tell({"type": "error", **FAULT})
        finally:
            run.ended.set()
            run.lines.finish()
            self._runs[session] = self._runs.pop(session)  # In the order of their ends.
            self._forget_oldest()

    async def _end(self, run: AgentRun, stopped: bool) -> Line:
        if stopped:
            return {"type": "error", "message": _CANCELLED, "reason": "run_cancelled"}
        service = self._sessions.service
        if await self._runs_on(run):
            message = (
                "The engine's client was lost, and with it what the agent says; the agent goes on: "
                f"`jupyter agentauth stop {run.plan.session}` ends it."
            )
            return {"type": "error", "message": message, "reason": "client_lost"}
        code, said = run.exit_code, None
        if code != 0:
            with suppress(AgentAuthError):
                code, said = await self._sessions.blocking(
                    service.how_it_ended, run.container, run.exit_code
                )
        run.exit_code = code
        title = await self._sessions.blocking(service.title, run.plan.agent)
        return {
            "type": "done",
            "exit_code": code,
            "conversation": run.output.conversation if keeps_conversations(run.plan) else None,
            "problem": problem_of(run, title, said),
            "last_lines": run.last_errors() if code != 0 else [],
        }

    async def _runs_on(self, run: AgentRun) -> bool:
        if run.exit_code == 0:
            return False
        with suppress(AgentAuthError):
            found = await self._sessions.blocking(
                self._sessions.service.containers, run.plan.session
            )
            return any(container.state == "running" for container in found)
        return False

    async def _tell_changes(self, run: AgentRun, before: RunStart | None) -> None:
        if before is None:
            return
        worktrees = self._sessions.service.worktree_service
        try:
            changes = await self._sessions.blocking(changes_since, worktrees, before)
        except AgentAuthError as error:
            _log.warning("What a run changed is not told: %s", error.message)
        except Exception:
            # How it ended is told all the same.
            _log.exception("What a run changed cannot be told.")
        else:
            told = changes.to_json()
            told.pop("since")
            run.lines.tell({"type": "changes", **told})

    def _forget_oldest(self) -> None:
        ended = [name for name, kept in self._runs.items() if kept.lines.is_over]
        size = sum(self._runs[name].lines.size for name in ended)
        for number, name in enumerate(ended[:-1]):
            if len(ended) - number > _REMEMBERED or size > _REMEMBERED_SIZE:
                size -= self._runs.pop(name).lines.size


def _worked(sessions: SessionManager, plan: LaunchPlan) -> Callable[[], object]:
    session = replace(planned_session(plan), terminal=None)
    return lambda: sessions.worked(session)
