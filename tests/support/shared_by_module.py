"""Fixtures of rooms in which the tests of a module share their surroundings, and tidy up.

A room's ``conftest.py`` imports them; they have the names of those that each test has for itself
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import conformance_bench
import pytest
import run_server as run_servers
import surroundings
from command_line import CommandLine
from lab_server import LabServer

from jupyter_agentauth.engine import Engine


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for all tests of a module."""
    directory = tmp_path_factory.mktemp("shared")
    with surroundings.jupyter_directories(directory) as home, surroundings.a_user(home):
        yield home


@pytest.fixture(scope="module")
def repository(home: Path) -> Path:
    """A repository with worktrees ``a`` and ``b``; each test finds it as the first did."""
    return surroundings.make_repository(home)


@pytest.fixture(scope="module")
def agentauth(home: Path) -> CommandLine:
    return CommandLine()


@pytest.fixture(scope="module")
def containers(engine: Engine, home: Path) -> Iterator[Callable[[], list[Any]]]:
    """Our containers that belong to this module's tests; none is there when a test begins."""
    yield lambda: surroundings.containers_of(engine)
    surroundings.end_containers(engine)


@pytest.fixture(scope="module")
def server(repository: Path, image: str, containers: object) -> Iterator[LabServer]:
    """A server over the repositories, without a page."""
    server = LabServer(repository.parent, repository.parents[1] / "server.log", app="server")
    server.start()
    yield server
    server.end()


bench = pytest.fixture(scope="module")(conformance_bench.make_bench)
run_server = pytest.fixture(scope="module")(run_servers.make_run_server)


@pytest.fixture(autouse=True)
def tidy(request: pytest.FixtureRequest, engine: Engine, home: Path) -> Iterator[None]:
    """Leave nothing of a test to the next one."""
    # Asked for before the test, so that they are there after it.
    used = {
        name: request.getfixturevalue(name)
        for name in ("run_server", "server", "repository")
        if name in request.fixturenames
    }
    yield
    surroundings.end_containers(engine)
    if shared := used.get("run_server"):
        shared.bench.provider.begin_anew()
    for server in (shared.lab if shared else None, used.get("server")):
        if server is not None and server.runs:
            server.forget()
    if "repository" in used:
        surroundings.reset_repository(used["repository"])
