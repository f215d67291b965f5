"""The routes of runs, whose lines are streamed."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..requests import parse_run_request
from .streaming import StreamHandler


class RunsHandler(StreamHandler):
    """A prompt for an agent."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        request = parse_run_request(self.json_body())
        run = await self.runs.start(request)
        if self.is_gone:
            # Interrupted before it was told the id, by which it could be stopped.
            await self.runs.stop(run.plan.session)
        await self.send_lines(run.lines)


class RunHandler(StreamHandler):
    """One run."""

    @web.authenticated
    @authorized
    async def get(self, run: str) -> None:
        await self.send_lines(self.runs.get(run).lines)

    @web.authenticated
    @authorized
    async def delete(self, run: str) -> None:
        await self.runs.stop(run)
        self.set_status(204)
        self.finish()
