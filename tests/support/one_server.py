"""One Jupyter server with our extension, in this process and without an engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

TOKEN = "the-token-of-this-test"

_EXTENSIONS = ("jupyter_agentauth", "jupyter_server_terminals")


@dataclass(frozen=True)
class Reply:
    """What a route answered."""

    status: int
    text: str
    headers: httpx.Headers

    @property
    def json(self) -> Any:
        """The answer as strict JSON."""
        return json.loads(self.text, parse_constant=_refuse) if self.text else None


@dataclass(frozen=True)
class OneServer:
    """It answers while a request of ours waits; there are no threads of a test's own."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    url: str
    home: Path

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
    ) -> Reply:
        """Make one request, of which nothing is made better than it was given."""
        all_headers = {} if token is None else {"Authorization": f"token {token}"}
        if cookies:
            all_headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        all_headers |= headers or {}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()

        async def asked() -> Reply:
            reply = await self.client.request(
                method, self.url + path, content=content, headers=all_headers
            )
            self.client.cookies.clear()
            return Reply(reply.status_code, reply.text, reply.headers)

        return self.loop.run_until_complete(asked())

    def login_cookies(self) -> dict[str, str]:
        """Return the cookies of a browser that has opened a page with the token."""

        async def asked() -> dict[str, str]:
            reply = await self.client.get(f"{self.url}/login", params={"token": TOKEN})
            self.client.cookies.clear()
            return dict(reply.cookies)

        return self.loop.run_until_complete(asked())


@contextmanager
def one_server(home: Path) -> Iterator[OneServer]:
    """Serve from a home of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "RUNTIME"):
            patch.setenv(f"JUPYTER_{name}_DIR", str(home / name.lower()))
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTER_NO_CONFIG", "1")
        patch.setenv("DOCKER_HOST", f"unix://{home}/no-engine.sock")
        asyncio.set_event_loop(loop)
        root = home / "root"
        root.mkdir()
        app = ServerApp(
            jpserver_extensions=dict.fromkeys(_EXTENSIONS, True), root_dir=str(root),
            open_browser=False, allow_root=True, log_level="CRITICAL",
        )  # fmt: skip
        app.config.IdentityProvider.token = TOKEN
        app.initialize(argv=[], find_extensions=False, new_httpserver=False)
        (socket,) = bind_sockets(0, "127.0.0.1")
        http = HTTPServer(app.web_app)
        http.add_sockets([socket])
        # One for all: each takes 30 ms to read the authorities of a TLS that nobody speaks here.
        client = httpx.AsyncClient(trust_env=False, verify=False, timeout=60)
        try:
            yield OneServer(loop, client, f"http://127.0.0.1:{socket.getsockname()[1]}", home)
        finally:
            loop.run_until_complete(client.aclose())
            http.stop()
            loop.run_until_complete(app._cleanup())
            ServerApp.clear_instance()
            asyncio.set_event_loop(None)
            loop.close()


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")
