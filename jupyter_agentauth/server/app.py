"""The server extension."""

from __future__ import annotations

import os
from typing import Any

from jupyter_core.paths import jupyter_config_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from ..config import AgentAuth
from ..preferences import SECTION, Preferences
from ..service import AgentAuthService
from ..sessions import SessionManager
from .handlers import routes


class AgentAuthExtension(ExtensionApp):
    """Agents in containers, in terminals of this server."""

    name = SECTION
    extension_url = "/agentauth"
    classes = [AgentAuth]

    sessions: SessionManager

    def initialize_settings(self) -> None:
        """Make the service; nothing is asked of the engine before the first request."""
        server = self._server
        root = os.path.realpath(os.path.expanduser(server.root_dir))
        service = AgentAuthService(
            AgentAuth(parent=self),
            Preferences(jupyter_config_dir()),
            root,
            default_roots=(root,),
        )
        self.sessions = SessionManager(service, self._terminal_manager)
        self.settings["agentauth_sessions"] = self.sessions

    def initialize_handlers(self) -> None:
        """Register the REST routes."""
        self.handlers.extend(routes)

    async def stop_extension(self) -> None:
        """Let go of what is ours; sessions outlive the server."""
        self.sessions.close()

    def _terminal_manager(self) -> Any:
        # jupyter_server_terminals sets it in the web application's settings, after us.
        return self._server.web_app.settings.get("terminal_manager")

    @property
    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("The extension is used without a server.")
        return self.serverapp
