"""The routes of agents' terminals, which ask the authorizer for ``agentauth``, too.

They stand in front of jupyter_server_terminals' own, whose resource is ``terminals``: who may
have shells need not be one who may use the user's agents. Tornado takes the first route that
matches, and our extension is initialised first.
"""

from __future__ import annotations

from typing import Any, cast

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server_terminals.api_handlers import TerminalHandler
from jupyter_server_terminals.handlers import TermSocket
from terminado.management import NamedTermManager
from tornado import web

from ..session import TERMINAL_PREFIX
from .base import AgentAuthHandler

_NAME = rf"({TERMINAL_PREFIX}\w+)"


async def _require_agents(handler: JupyterHandler, action: str) -> None:
    resource = AgentAuthHandler.auth_resource
    may = handler.current_user and await ensure_async(
        handler.authorizer.is_authorized(handler, handler.current_user, action, resource)
    )
    if not may:
        raise web.HTTPError(403, f"You are not authorized to {action} on resource: {resource}.")


class AgentTermSocket(TermSocket):
    """The websocket of an agent's terminal."""

    def initialize(self, name: str, **_: Any) -> None:  # type: ignore[override]
        """Take the terminal manager now: it was made after our routes."""
        manager = self.settings.get("terminal_manager")  # None where terminals are disabled.
        super().initialize(name, cast(NamedTermManager, manager))

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Connect to the terminal."""
        await _require_agents(self, "execute")
        if self.term_manager is None:
            raise web.HTTPError(404)
        await super().get(*args, **kwargs)


class AgentTerminalHandler(TerminalHandler):
    """One terminal of an agent."""

    async def get(self, name: str) -> None:
        """Return the terminal."""
        await _require_agents(self, "read")
        await cast(Any, super().get(name))

    async def delete(self, name: str) -> None:
        """Shut the terminal down, and stop its session."""
        await _require_agents(self, "write")
        await cast(Any, super().delete(name))


terminal_routes: list[tuple[str, type[Any], dict[str, Any]]] = [
    (rf"/terminals/websocket/{_NAME}", AgentTermSocket, {}),
    (rf"/api/terminals/{_NAME}", AgentTerminalHandler, {}),
]
