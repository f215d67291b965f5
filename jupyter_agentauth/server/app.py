"""The server extension."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from jupyter_core.paths import jupyter_config_dir
from jupyter_events.logger import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from ..config import AgentAuth
from ..errors import EngineError
from ..host import load_engine_facts
from ..preferences import SECTION, Preferences
from ..runs import RunManager
from ..service import AgentAuthService
from ..session import Session
from ..sessions import SessionManager
from ..terminals import AgentTerminals, with_agents
from .builds import ImageBuilds
from .events import Events
from .handlers import routes
from .identity import server_id
from .live import LiveState
from .terminals import terminal_routes
from .told import Told

_TERMINALS = "jupyter_server_terminals"


class AgentAuthExtension(ExtensionApp):
    """Agents in containers, in terminals of this server."""

    name = SECTION
    extension_url = "/agentauth"
    classes = [AgentAuth]

    sessions: SessionManager
    told: Told
    live: LiveState
    builds: ImageBuilds
    runs: RunManager

    def initialize_settings(self) -> None:
        """Make the service; nothing is asked of the engine before the first request."""
        server = self._server
        root = os.path.realpath(os.path.expanduser(server.root_dir))
        service = AgentAuthService(
            AgentAuth(parent=self),
            Preferences(jupyter_config_dir()),
            root,
            default_roots=(root,),
            server=server_id(root),
        )
        self._add_agent_terminals()
        events = Events(self._event_logger)
        self.sessions = SessionManager(
            service, self._terminal_manager, events.session_changed, self._worked
        )
        self.told = Told(events, self.sessions)
        self.live = LiveState(events, self.sessions, self.told, server.io_loop)
        self.settings["agentauth_sessions"] = self.sessions
        self.builds = ImageBuilds(self.sessions, self.live)
        self.settings["agentauth_told"] = self.told
        self.settings["agentauth_live"] = self.live
        self.settings["agentauth_builds"] = self.builds
        self.runs = RunManager(self.sessions)
        self.settings["agentauth_runs"] = self.runs
        server.io_loop.add_callback(self._take_over)

    def initialize_handlers(self) -> None:
        """Register the REST routes."""
        self.handlers.extend([*routes, *terminal_routes])

    async def stop_extension(self) -> None:
        """Let go of what is ours; sessions outlive the server."""
        if "agentauth_live" not in self.settings:
            return  # The server ends because it could not begin, before `initialize_settings`.
        await self.builds.cancel()
        self.runs.close()
        self.told.close()
        self.live.close()
        await self.sessions.close()
        self.sessions.service.engine.close()

    def _add_agent_terminals(self) -> None:
        # Its trait says which class it makes its manager of (jupyter_server_terminals 0.5.4), and
        # it is initialised after us: jupyter_server 2.21.1 takes extensions in the order of
        # their names.
        point = self._server.extension_manager.extension_points.get(_TERMINALS)
        if point is not None and point.app is not None:
            point.app.terminal_manager_class = with_agents(point.app.terminal_manager_class)

    def _terminal_manager(self) -> AgentTerminals | None:
        manager = self._server.web_app.settings.get("terminal_manager")
        return manager if isinstance(manager, AgentTerminals) else None

    def _worked(self, session: Session) -> None:
        # jupyter_server 2.21.1, `ServerWebApplication.last_activity`: what ends with
        # `_last_activity` counts for the time that idle cullers look at, JupyterHub's too;
        # terminals count there only while somebody looks at them (jupyter_server_terminals 0.5.4).
        activity = {"agentauth_last_activity": datetime.now(timezone.utc)}
        self._server.web_app.settings.update(activity)
        self.told.worked(session)

    async def _take_over(self) -> None:
        if load_engine_facts() is None:
            return  # No agent ever ran here, so no engine need be asked.
        try:
            await self.sessions.take_over()
        except EngineError as error:
            self.log.warning("Sessions that run are taken over later: %s", error.message)

    @property
    def _event_logger(self) -> EventLogger:
        if self._server.event_logger is None:
            raise RuntimeError("The server has no event logger.")
        return self._server.event_logger

    @property
    def _server(self) -> ServerApp:
        if self.serverapp is None:
            raise RuntimeError("The extension is used without a server.")
        return self.serverapp
