"""Fixtures for tests on a real engine, with real agents, as an ordinary user."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import surroundings
from command_line import CommandLine
from terminal_client import TerminalClient

from jupyter_agentauth.engine import Engine
from jupyter_agentauth.settings import DEFAULT_IMAGE

pytest_plugins = [
    "no_skips", "turns", "budget", "pytest_jupyter.jupyter_server", "own_image",
    "conformance_bench", "second_engine", "faulty_places", "npm_registry",
    "run_server", "three_agents",
]  # fmt: skip


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine; its absence fails the tests, it never skips them."""
    found = Engine()
    found.facts()
    return found


@pytest.fixture(scope="session")
def image(engine: Engine) -> str:
    """The agent image with the five real CLIs, made by ``make image``."""
    engine.client.images.get(DEFAULT_IMAGE)
    return DEFAULT_IMAGE


@pytest.fixture
def home(jp_environ: None, jp_home_dir: Path) -> Iterator[Path]:
    """A fresh home with Jupyter's directories, for this process and those it starts."""
    with surroundings.a_user(jp_home_dir) as home:
        yield home


@pytest.fixture
def repository(home: Path) -> Path:
    """A git repository with one commit and two linked worktrees beside it, ``a`` and ``b``."""
    return surroundings.make_repository(home)


@pytest.fixture
def agentauth(home: Path) -> CommandLine:
    """The command, with a fresh home."""
    return CommandLine()


@pytest.fixture
def containers(engine: Engine, home: Path) -> Iterator[Callable[[], list[Any]]]:
    """Our containers that belong to this test; all of them are gone afterwards."""
    yield lambda: surroundings.containers_of(engine)
    surroundings.end_containers(engine)


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """The server as it is after ``pip install``: the extension enabled by itself."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_agentauth": True, "jupyter_server_terminals": True}
        }
    }


@pytest.fixture
def jp_root_dir(home: Path) -> Path:
    """The server's root is where the repositories are."""
    root = home / "src"
    root.mkdir(exist_ok=True)
    return root


@dataclass(frozen=True)
class Reply:
    """What the server answered; ``json`` is ``None`` without a body."""

    status: int
    json: Any


@pytest.fixture
def api(jp_fetch: Any) -> Callable[..., Any]:
    """Call a route of ours: ``await api("POST", "sessions", {...})``."""

    async def call(method: str, path: str, body: object = None, **options: Any) -> Reply:
        content = None if body is None else json.dumps(body)
        if content is None and method in ("POST", "PATCH", "PUT"):
            content = ""
        path, _, query = path.partition("?")
        reply = await jp_fetch(
            "agentauth", "api", *path.split("/"), method=method, body=content, raise_error=False,
            params=dict(parse_qsl(query)), request_timeout=120, **options,
        )  # fmt: skip
        return Reply(reply.code, json.loads(reply.body) if reply.body else None)

    return call


@pytest.fixture
def sessions(api: Callable[..., Any], home: Path) -> Callable[[], Any]:
    """List the sessions by REST."""

    async def mine() -> list[dict[str, Any]]:
        return list((await api("GET", "sessions")).json)

    return mine


@pytest.fixture
def open_session(api: Callable[..., Any], containers: object, image: str) -> Callable[..., Any]:
    """Open a session by REST: ``await open_session("claude", worktree, share_auth=True)``."""

    async def call(agent: str, worktree: Path, *args: str, **body: object) -> dict[str, Any]:
        asked = {"agent": agent, "worktree": str(worktree), "args": list(args), **body}
        reply = await api("POST", "sessions", asked)
        assert reply.status == 201, reply.json
        return reply.json

    return call


@pytest.fixture
def terminal(jp_ws_fetch: Any) -> Callable[[str], Any]:
    """Connect to a terminal as a browser does: ``client = await terminal(name)``."""

    async def connect(name: str, **size: int) -> TerminalClient:
        client = TerminalClient(await jp_ws_fetch("terminals", "websocket", name), **size)
        await client.start()
        return client

    return connect
