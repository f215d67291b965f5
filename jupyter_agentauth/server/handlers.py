"""The REST routes: parse, call, answer. `openapi.json` beside this file describes them."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..docker_run import plan_json
from ..doctor import examine
from ..requests import parse_launch_request, parse_session_request, parse_settings_change
from ..session_restart import restart
from .base import AgentAuthHandler
from .image import ImageBuildHandler, ImageHandler
from .runs import RunHandler, RunsHandler
from .worktrees import (
    WorktreeApplyHandler,
    WorktreeChangesHandler,
    WorktreeChoicesHandler,
    WorktreeDiscardHandler,
    WorktreesHandler,
)


class AgentsHandler(AgentAuthHandler):
    """The agents, with their sign-in state."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        agents = await self.sessions.blocking(self.service.agents)
        self.told.agents_answered(agents)
        for reason in {agent["reason"] for agent in agents}:
            self.live.engine_failed(reason)
        self.reply(agents)


class AgentAuthDeleteHandler(AgentAuthHandler):
    """An agent's stored sign-in."""

    @web.authenticated
    @authorized
    async def delete(self, name: str) -> None:
        # Not stripped: of a name of controls alone nothing would be left, which is the default.
        profile = self.get_query_argument("profile", None, strip=False)
        try:
            await self.sessions.blocking(self.service.sign_out, name, profile)
        finally:
            self.told.sign_in_changed()  # Also where something else could not be deleted.
        self.set_status(204)
        self.finish()


class SettingsHandler(AgentAuthHandler):
    """The sharing switch and the chosen profile."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        settings = await self.sessions.blocking(self.service.settings_json)
        self.told.settings_answered(settings)
        self.reply(settings)

    @web.authenticated
    @authorized
    async def patch(self) -> None:
        changes = parse_settings_change(self.json_body())
        settings = await self.sessions.blocking(self.service.change_settings, changes)
        self.told.settings_changed(settings)
        self.reply(settings)


class PlanHandler(AgentAuthHandler):
    """What a session would be, without making anything."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = parse_launch_request(self.json_body())
        self.reply(plan_json(await self.sessions.blocking(self.service.plan, request)))


class SessionsHandler(AgentAuthHandler):
    """Agents that run, and those that ended."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.reply([session.to_json() for session in await self.sessions.all()])

    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = parse_session_request(self.json_body())
        session = await self.sessions.open(request)
        self.reply(session.to_json(), 201)


class SessionHandler(AgentAuthHandler):
    """One session."""

    @web.authenticated
    @authorized
    async def get(self, session: str) -> None:
        self.reply((await self.sessions.get(session)).to_json())

    @web.authenticated
    @authorized
    async def delete(self, session: str) -> None:
        await self.sessions.stop(session)
        self.set_status(204)
        self.finish()


class SessionRestartHandler(AgentAuthHandler):
    """A new session in the place of one."""

    @web.authenticated
    @authorized
    async def post(self, session: str) -> None:
        self.reply((await restart(self.sessions, session)).to_json(), 201)


class DoctorHandler(AgentAuthHandler):
    """What works, what does not, and what mends it."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        terminals = self.settings.get("terminal_manager") is not None
        checks = await self.sessions.blocking(examine, self.service, terminals)
        self.reply([check.to_json() for check in checks])


class UnknownRouteHandler(AgentAuthHandler):
    """Anything else under our address: an error in the same form."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        raise web.HTTPError(404, f"There is no route {self.request.path}.")

    post = put = patch = delete = get


_API = r"agentauth/api"

routes: list[tuple[str, type[AgentAuthHandler], dict[str, Any]]] = [
    (rf"{_API}/agents", AgentsHandler, {}),
    (rf"{_API}/agents/([^/]+)/auth", AgentAuthDeleteHandler, {}),
    (rf"{_API}/settings", SettingsHandler, {}),
    (rf"{_API}/plan", PlanHandler, {}),
    (rf"{_API}/worktrees", WorktreesHandler, {}),
    (rf"{_API}/worktrees/choices", WorktreeChoicesHandler, {}),
    (rf"{_API}/worktrees/changes", WorktreeChangesHandler, {}),
    (rf"{_API}/worktrees/apply", WorktreeApplyHandler, {}),
    (rf"{_API}/worktrees/discard", WorktreeDiscardHandler, {}),
    (rf"{_API}/sessions", SessionsHandler, {}),
    (rf"{_API}/sessions/([^/]+)", SessionHandler, {}),
    (rf"{_API}/sessions/([^/]+)/restart", SessionRestartHandler, {}),
    (rf"{_API}/image", ImageHandler, {}),
    (rf"{_API}/image/build", ImageBuildHandler, {}),
    (rf"{_API}/runs", RunsHandler, {}),
    (rf"{_API}/runs/([^/]+)", RunHandler, {}),
    (rf"{_API}/doctor", DoctorHandler, {}),
    (rf"{_API}/.*", UnknownRouteHandler, {}),
]
