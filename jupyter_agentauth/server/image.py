"""The image's routes; a build's lines are streamed."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import BadRequest
from .base import AgentAuthHandler
from .streaming import StreamHandler


class ImageHandler(AgentAuthHandler):
    """What the agent image is."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        status = await self.sessions.blocking(lambda: self.service.image.status)
        self.live.answered(status.name, status.id)
        self.reply(status.to_json())


class ImageBuildHandler(StreamHandler):
    """The build of the agent image, see `builds.py`."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        base_image, agents = _build_options(self.json_body() if self.request.body else {})
        await self.send_lines(await self.builds.start(base_image, agents))

    @web.authenticated
    @authorized
    async def get(self) -> None:
        if self.builds.running is not None:
            await self.send_lines(self.builds.running)
            return
        self.set_status(204)
        self.finish()

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        await self.builds.cancel()
        self.set_status(204)
        self.finish()


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
