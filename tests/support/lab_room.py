"""Fixtures of the room of the page: its tests share a home and a JupyterLab, and tidy up."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import surroundings
from lab_server import LabServer

from jupyter_agentauth.engine import Engine

#: Starts a JupyterLab for one test: ``start_lab(*options)``.
StartLab = Callable[..., LabServer]

#: What costs more than all else of a server or a page and is not ours: with each page JupyterLab
#: asks whether it should be built, for which Node runs; the language servers are looked for.
_UNUSED = ("csvviewer", "debugger", "extensionmanager", "hub", "lsp", "pdf", "pluginmanager")
PAGE = {
    "buildCheck": False,
    "buildAvailable": False,
    "disabledExtensions": {f"@jupyterlab/{name}-extension": True for name in _UNUSED},
}
SERVER = {"ServerApp": {"jpserver_extensions": {"jupyter_lsp": False}}}


@pytest.fixture(scope="package")
def ports() -> list[int]:
    """The ports of the room's server and of a test's own; a page is known to the cache by them."""
    with ExitStack() as both:
        free = [both.enter_context(socket.socket()) for _ in range(2)]
        for each in free:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in free]


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home for all tests of the room."""
    directory = tmp_path_factory.mktemp("room")
    with surroundings.jupyter_directories(directory) as home, surroundings.a_user(home):
        yield home


@pytest.fixture(scope="package")
def repository(home: Path) -> Path:
    """A repository with worktrees ``a`` and ``b``; each test finds it as the first did."""
    return surroundings.make_repository(home)


@pytest.fixture(scope="package")
def containers(engine: Engine, home: Path) -> Iterator[Callable[[], list[Any]]]:
    """Our containers that belong to the room's tests; none is there when a test begins."""
    yield lambda: surroundings.containers_of(engine)
    surroundings.end_containers(engine)


@pytest.fixture(scope="package")
def user_settings(home: Path) -> Path:
    """The user's settings of JupyterLab, in a home that is configured for tests of the page."""
    config = Path(os.environ["JUPYTER_CONFIG_DIR"])
    _write(config / "labconfig" / "page_config.json", PAGE)
    _write(config / "jupyter_server_config.d" / "lean.json", SERVER)
    settings = config / "lab" / "user-settings" / "@jupyterlab"
    _make_readable(settings)
    return settings


def _make_readable(settings: Path) -> None:
    """Nothing is fetched from elsewhere, and a screen reader can read the terminals."""
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    _write(settings / "apputils-extension" / "notification.jupyterlab-settings", quiet)
    terminals = settings / "terminal-extension" / "plugin.jupyterlab-settings"
    _write(terminals, {"screenReaderMode": True})


def write_setting(settings: Path, plugin: str, value: dict[str, Any]) -> None:
    """Set a plugin's settings; ``terminal-extension/plugin`` is one."""
    _write(settings / f"{plugin}.jupyterlab-settings", value)


def _write(file: Path, content: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


@pytest.fixture(scope="package")
def lab(
    user_settings: Path,
    repository: Path,
    image: str,
    containers: object,
    ports: list[int],
) -> Iterator[LabServer]:
    """A JupyterLab over the repositories; its address and token outlive it."""
    token = f"--IdentityProvider.token={uuid4().hex}"
    log = repository.parents[1] / "lab.log"
    server = LabServer(repository.parent, log, token, port=ports[0])
    server.start()
    yield server
    server.kill()


@pytest.fixture
def start_lab(
    user_settings: Path, repository: Path, containers: object, ports: list[int], tmp_path: Path
) -> Iterator[StartLab]:
    """Start a JupyterLab of the test's own; it is gone afterwards."""
    with ExitStack() as started:

        def start(*options: str, root: Path = repository.parent, app: str = "lab") -> LabServer:
            log = tmp_path / "own-lab.log"
            server = LabServer(root, log, *options, app=app, port=ports[1])
            started.callback(server.kill)
            server.start()
            return server

        yield start


@pytest.fixture(autouse=True)
def tidy(
    request: pytest.FixtureRequest, engine: Engine, repository: Path, user_settings: Path
) -> Iterator[None]:
    """Leave nothing of a test to the next one."""
    yield
    surroundings.end_containers(engine)
    if "lab" in request.fixturenames:
        _forget(request.getfixturevalue("lab"))
    # What a server that was killed did not forget, the next to start would know of.
    for record in (Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "agentauth" / "sessions").glob("*"):
        record.unlink()
    shutil.rmtree(user_settings.parents[1] / "workspaces", ignore_errors=True)
    shutil.rmtree(user_settings.parent)
    _make_readable(user_settings)
    surroundings.reset_repository(repository)
    shutil.rmtree(Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth", ignore_errors=True)


def _forget(lab: LabServer) -> None:
    if not lab.runs:
        lab.start()
    lab.forget()
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": False})
    for kind, name in (("sessions", "id"), ("kernels", "id"), ("terminals", "name")):
        for entry in lab.request("GET", f"api/{kind}"):
            lab.request("DELETE", f"api/{kind}/{entry[name]}")
