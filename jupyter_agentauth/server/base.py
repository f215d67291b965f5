"""What all handlers share: access, errors in the contract's form."""

from __future__ import annotations

import json
from http.client import responses
from typing import Any, cast

from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado.web import HTTPError

from ..errors import FAULT, AgentAuthError, BadRequest, EngineError
from ..runs import RunManager
from ..service import AgentAuthService
from ..sessions import SessionManager
from .builds import ImageBuilds
from .live import LiveState
from .told import Told


class AgentAuthHandler(ExtensionHandlerMixin, APIHandler):
    """A JSON handler under ``agentauth/api``, authorised as the resource ``agentauth``."""

    auth_resource = "agentauth"

    @property
    def sessions(self) -> SessionManager:
        """The server's sessions."""
        return cast(SessionManager, self.settings["agentauth_sessions"])

    @property
    def live(self) -> LiveState:
        """What tells the front ends."""
        return cast(LiveState, self.settings["agentauth_live"])

    @property
    def told(self) -> Told:
        """What front ends were told last."""
        return cast(Told, self.settings["agentauth_told"])

    @property
    def builds(self) -> ImageBuilds:
        """The image build that runs, if one does."""
        return cast(ImageBuilds, self.settings["agentauth_builds"])

    @property
    def runs(self) -> RunManager:
        """The runs of this server."""
        return cast(RunManager, self.settings["agentauth_runs"])

    @property
    def service(self) -> AgentAuthService:
        """Planning, store, engine and image; its methods block."""
        return self.sessions.service

    def json_body(self) -> Any:
        """Return the body as JSON.

        Raises
        ------
        BadRequest
        """
        try:
            return json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON.", "bad_json") from None

    def reply(self, value: object, status: int = 200) -> None:
        """Send a JSON reply."""
        self.set_status(status)
        self.finish(json.dumps(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with ``{"message", "reason"}``; a fault of ours tells nothing of its inside."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, EngineError):
            self.live.engine_failed(error.reason)
        if isinstance(error, AgentAuthError):
            status_code, message, reason = error.status, error.message, error.reason
        elif isinstance(error, HTTPError):
            message = error.log_message or error.reason or responses.get(status_code, "Error")
            reason = responses.get(status_code, "error").lower().replace(" ", "_")
        else:
            message, reason = FAULT["message"], FAULT["reason"]
        self.set_status(status_code)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"message": str(message), "reason": reason}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Keep what users ask for wrongly out of the log's tracebacks."""
        if isinstance(value, AgentAuthError):
            self.log.info("%s %s: %s", self.request.method, self.request.path, value.message)
        else:
            super().log_exception(typ, value, tb)
