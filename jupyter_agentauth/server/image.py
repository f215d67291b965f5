"""The image's routes; a build streams its progress."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from ..errors import AgentAuthError, BadRequest, Conflict
from .base import AgentAuthHandler


class ImageHandler(AgentAuthHandler):
    """What the agent image is."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        status = await self.sessions.blocking(lambda: self.service.image.status)
        self.live.answered(status.name, status.id)
        self.reply(status.to_json())


class ImageBuildHandler(AgentAuthHandler):
    """Build the agent image; a closed connection cancels it."""

    _building = False
    _failed = False

    @web.authenticated
    @authorized
    async def post(self) -> None:
        base_image, agents = _build_options(self.json_body() if self.request.body else {})
        if ImageBuildHandler._building:
            raise Conflict("The image is being built already: wait for it.", "build_running")
        ImageBuildHandler._building = True
        try:
            events = await self.sessions.blocking(self.service.image.build, base_image, agents)
            self.set_header("Content-Type", "application/x-ndjson")
            image = await self.live.build_begins()
            try:
                await self._stream(events)
            finally:
                await self.live.build_ends(image, failed=self._failed)
        finally:
            ImageBuildHandler._building = False

    async def _stream(self, events: Iterator[dict[str, object]]) -> None:
        try:
            while (event := await self.sessions.blocking(_next, events)) is not None:
                self._failed = event["type"] == "error"
                self.write(json.dumps(event) + "\n")
                await self.flush()
        except StreamClosedError:
            return
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                await self.sessions.blocking(close)


def _next(events: Iterator[dict[str, object]]) -> dict[str, object] | None:
    try:
        return next(events, None)
    except AgentAuthError as error:
        return {"type": "error", "message": error.message, "reason": error.reason}


def _build_options(body: object) -> tuple[str | None, tuple[str, ...]]:
    if not isinstance(body, dict) or set(body) - {"base_image", "agents"}:
        raise BadRequest("The body takes 'base_image' and 'agents' only.")
    base_image, agents = body.get("base_image"), body.get("agents", [])
    if base_image is not None and not (
        isinstance(base_image, str) and base_image and base_image.isascii()
    ):
        raise BadRequest("'base_image' must be the name of an image.", "bad_base_image")
    if not isinstance(agents, list) or not all(isinstance(agent, str) for agent in agents):
        raise BadRequest("'agents' must be a list of names.", "bad_agent")
    return base_image, tuple(agents)
