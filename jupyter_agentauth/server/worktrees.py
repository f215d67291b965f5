"""The worktrees' routes."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import TypeVar

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import BadRequest, EngineError
from ..git.paths import inside
from ..worktrees.remove import refuse
from ..worktrees.requests import parse_apply, parse_discard, parse_new_worktree, parse_path
from ..worktrees.service import WorktreeService
from .base import AgentAuthHandler

T = TypeVar("T")

#: Why an engine cannot be asked that runs no session either.
_STOPPED = ("engine_missing", "engine_not_running")


class WorktreeHandler(AgentAuthHandler):
    """What the handlers of worktrees share."""

    async def in_thread(self, do: Callable[[WorktreeService], T]) -> T:
        """Do something with the worktrees; already to come by them reads files."""
        return await self.sessions.blocking(lambda: do(self.service.worktree_service))

    def one_of(self, name: str, *values: str) -> str:
        value = self.get_query_argument(name, values[0])
        if value not in values:
            raise BadRequest(f"{name!r} must be {' or '.join(map(repr, values))}.", f"bad_{name}")
        return value


class WorktreesHandler(WorktreeHandler):
    """The git worktrees under the server's root."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        worktrees = await self.sessions.blocking(self.service.worktrees)
        self.told.worktrees_answered(worktrees)
        by_worktree = await self.sessions.by_worktree()
        self.reply([w.to_json(by_worktree.get(w.path, ())) for w in worktrees])

    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = parse_new_worktree(self.json_body())
        made, warnings = await self.in_thread(lambda worktrees: worktrees.add(wanted))
        self.told.worktrees_changed()
        self.reply({**made.to_json(), "warnings": warnings}, 201)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        path = parse_path(self.get_query_argument("path", strip=False))
        force = self.one_of("force", "false", "true") == "true"
        removal = await self.in_thread(lambda worktrees: worktrees.removal(path))
        if not force:
            unsaved = await self.sessions.blocking(removal.unsaved)
            refuse(removal.path, await self._running_in(removal.path, _STOPPED), unsaved)
        try:
            for session in await self._running_in(removal.path):
                await self.sessions.stop(session)
            await self.sessions.blocking(self.service.remove_worktree, removal)
        finally:
            self.told.worktrees_changed()
        self.set_status(204)
        self.finish()

    async def _running_in(self, path: str, stopped: Container[str] | None = None) -> list[str]:
        """Return the sessions that run in a worktree.

        Parameters
        ----------
        stopped : container of str, optional
            Reasons of an engine that runs nothing; if it cannot be asked for another one, that is
            an error. Without them it counts as one that runs nothing whatever the reason.
        """
        try:
            sessions = await self.sessions.all()
        except EngineError as error:
            if stopped is not None and error.reason not in stopped:
                raise
            return []
        return [s.id for s in sessions if s.state != "exited" and inside(s.worktree, path)]


class WorktreeChoicesHandler(WorktreeHandler):
    """What there is to choose from for a new worktree."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        repo = parse_path(self.get_query_argument("repo", strip=False))
        self.reply(await self.in_thread(lambda worktrees: worktrees.choices(repo)))


class WorktreeChangesHandler(WorktreeHandler):
    """What changed in a worktree."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        path = parse_path(self.get_query_argument("path", strip=False))
        since = self.one_of("since", "head", "base")
        changes = await self.in_thread(lambda worktrees: worktrees.changes(path, since))
        self.reply(changes.to_json())


class WorktreeApplyHandler(WorktreeHandler):
    """Merges a worktree's branch."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        wanted = parse_apply(self.json_body())
        try:
            applied = await self.sessions.blocking(self.service.apply_worktree, wanted)
        finally:
            self.told.worktrees_changed()
        self.reply(applied.to_json())


class WorktreeDiscardHandler(WorktreeHandler):
    """Drops a worktree and its branch; what was in them is kept."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        path = parse_discard(self.json_body())
        try:
            discarded = await self.sessions.blocking(self.service.discard_worktree, path)
        finally:
            self.told.worktrees_changed()
        self.reply(discarded.to_json())
