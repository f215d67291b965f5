"""The worktrees' routes."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import BadRequest
from ..registered import inside
from ..worktree_remove import refuse
from ..worktree_requests import parse_new_worktree, parse_path
from .base import AgentAuthHandler


class WorktreeHandler(AgentAuthHandler):
    """What the handlers of worktrees share."""

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
        made, warnings = await self.sessions.blocking(self.service.worktree_service.add, wanted)
        self.told.worktrees_changed()
        self.reply({**made.to_json(), "warnings": warnings}, 201)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        path = parse_path(self.get_query_argument("path", strip=False))
        force = self.one_of("force", "false", "true") == "true"
        removal = await self.sessions.blocking(self.service.worktree_service.removal, path)
        if not force:
            unsaved = await self.sessions.blocking(removal.unsaved)
            refuse(removal.path, await self._running_in(removal.path), unsaved)
        try:
            for session in await self._running_in(removal.path):
                await self.sessions.stop(session)
            await self.sessions.blocking(self.service.remove_worktree, removal)
        finally:
            self.told.worktrees_changed()
        self.set_status(204)
        self.finish()

    async def _running_in(self, path: str) -> list[str]:
        by_worktree = await self.sessions.by_worktree()
        return [s for where, ids in by_worktree.items() if inside(where, path) for s in ids]


class WorktreeChoicesHandler(WorktreeHandler):
    """What there is to choose from for a new worktree."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        repo = parse_path(self.get_query_argument("repo", strip=False))
        self.reply(await self.sessions.blocking(self.service.worktree_service.choices, repo))


class WorktreeChangesHandler(WorktreeHandler):
    """What changed in a worktree."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        path = parse_path(self.get_query_argument("path", strip=False))
        since = self.one_of("since", "head", "base")
        changes = await self.sessions.blocking(self.service.worktree_service.changes, path, since)
        self.reply(changes.to_json())
