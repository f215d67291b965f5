"""A second engine that tests may stop and kill, and other faults that only root can make.

`make/fault-conditions` keeps them, as root; see there. The tests reach it over a FIFO.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from waiting import DEADLINE

from jupyter_agentauth.engine import Engine, RunningContainer
from jupyter_agentauth.owner import owner
from jupyter_agentauth.settings import DEFAULT_IMAGE

#: The image's second name, which stays when a test removes the first.
_KEPT = "agentauth-test-small:latest"

#: What sessions of these tests run; with the libraries that they need.
_PROGRAMS = (
    "sh stty sleep mkdir cat env ln chmod rm tail head cp mv cmp mktemp flock seq stat id ls touch "
    "true false printenv date"
)

_PACK = f"""
set -e
# By their paths: some are built into the shell, too.
programs=$(for name in {_PROGRAMS}; do ls /usr/bin/$name; done)
libraries=$(ldd $programs | grep -o '/[^ :]*' | sort -u)
mkdir -p /tmp/root/tmp /tmp/root/etc && cd /tmp/root && chmod 1777 tmp
for file in $programs $libraries; do [ -e ".$file" ] || cp --parents -L "$file" .; done
tar -c .
"""


class FaultConditions:
    """The root-side keeper.

    Parameters
    ----------
    path : Path
        Its directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = time.monotonic_ns()

    def ask(self, request: str, seconds: float = 150) -> None:
        """Have something done, and wait until it is."""
        self._number += 1
        with (self.path / "requests").open("w") as fifo:
            fifo.write(f"{self._number} {request}\n")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            said = _text(self.path / "replies").partition(" ")
            if said[0] == str(self._number):
                assert said[2].strip() == "ok", f"{request}: {said[2]}"
                return
            time.sleep(0.02)
        last_words = _text(self.path / "dockerd.log")[-4000:]
        raise AssertionError(f"{request}: the keeper does not answer; the engine:\n{last_words}")


class SecondEngine:
    """The engine that tests may stop and kill."""

    def __init__(self, faults: FaultConditions) -> None:
        self._faults = faults
        self.host = f"unix://{faults.path}/docker.sock"

    def start(self) -> None:
        """Start it, and wait until it answers; nothing if it runs."""
        self._faults.ask("start")

    def stop(self) -> None:
        """End it in order: it ends its containers, too."""
        self._faults.ask("stop")

    def kill(self) -> None:
        """End it as a crash does: its containers run on."""
        self._faults.ask("kill")

    def lock(self) -> None:
        """Take the tests' user the right to use its socket."""
        self._faults.ask("lock")

    def unlock(self) -> None:
        """Give it back."""
        self._faults.ask("unlock")

    def containers(self) -> list[RunningContainer]:
        """Everything of ours in it, asked over a connection of our own."""
        return _asked(self.host, lambda client: _engine_of(client).containers(owner()))

    def all_containers(self) -> list[dict[str, Any]]:
        """Every container in it, whoever made it.

        But for what it has half removed itself and keeps without a name: Docker 20.10.24, killed
        and started again, removes what it finds twice at once, which rarely ends so (seen once),
        and then nothing but its next start removes it.
        """
        found = _asked(self.host, lambda client: client.api.containers(all=True))
        return [entry for entry in found if entry["Names"] or entry["State"] != "dead"]

    def remove(self, container: str) -> None:
        """Remove a container, or wait until the engine has, which may be at it (`--rm`)."""
        deadline = time.monotonic() + DEADLINE
        while any(found["Id"] == container for found in self.all_containers()):
            assert time.monotonic() < deadline
            command = ["docker", "--host", self.host, "rm", "--force", container]
            subprocess.run(command, capture_output=True, check=False)

    def docker(self, *words: str, stdin: bytes = b"") -> str:
        """Run the client's command against it."""
        command = ["docker", "--host", self.host, *words]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def load_image(self) -> None:
        """Give it the small image, unless it is there, under the name of the agent image."""
        if self.docker("images", "--quiet", DEFAULT_IMAGE).strip():
            return
        if not self.docker("images", "--quiet", _KEPT).strip():
            pack = ["run", "--rm", "--network=none", "--user=0", "--entrypoint=", DEFAULT_IMAGE]
            packed = subprocess.run(
                ["docker", *pack, "sh", "-c", _PACK], capture_output=True, check=True
            )
            self.docker("import", "-", _KEPT, stdin=packed.stdout)
        self.docker("tag", _KEPT, DEFAULT_IMAGE)


def _engine_of(client: docker.DockerClient) -> Engine:
    """An `Engine` over a client that is there already."""
    engine = Engine()
    engine._client = client
    return engine


def _asked(host: str, question: Callable[[docker.DockerClient], Any]) -> Any:
    client = docker.DockerClient(base_url=host)
    try:
        return question(client)
    finally:
        client.close()


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


@pytest.fixture(scope="session")
def faults() -> FaultConditions:
    """The root-side keeper; `make test` starts it where it runs as root."""
    path = Path(f"/run/agentauth-faults-{os.getuid()}")
    deadline = time.monotonic() + DEADLINE
    while path.exists() and not (path / "ready").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    if not (path / "ready").exists():
        pytest.skip(
            "Nobody keeps the fault conditions, which only root can make: run `make test` as root, "
            f"or `sudo make/fault-conditions {os.getuid()} 1 &`."
        )
    return FaultConditions(path)


@pytest.fixture(scope="session")
def standing_engine(faults: FaultConditions, engine: Engine) -> SecondEngine:
    """The second engine; its keeper ends it, since other processes of this run may use it."""
    return SecondEngine(faults)


@pytest.fixture
def second_engine(
    standing_engine: SecondEngine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SecondEngine]:
    """The second engine, running, with the image, and the one that this test's user has.

    No container is left in it at the end: whatever happened, nothing of ours may stay.
    """
    standing_engine.start()
    standing_engine.unlock()
    standing_engine.load_image()
    monkeypatch.setenv("DOCKER_HOST", standing_engine.host)
    yield standing_engine
    standing_engine.start()
    standing_engine.unlock()
    left = standing_engine.all_containers()
    for container in left:
        standing_engine.remove(container["Id"])
