"""Building: real builds of a tiny agent from a registry of our own, on the real engine.

They stand on the agent image, which has Node and all Debian packages, so each takes seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker
import pytest
from build_steps import history, steps_in_the_engine
from npm_registry import PACKAGE, VERSION, NpmRegistry
from waiting import DEADLINE

from jupyter_agentauth.image.build import build_image
from jupyter_agentauth.image.hostconfig import host_config
from jupyter_agentauth.image.leftovers import sweep
from jupyter_agentauth.image.status import has_command, image_status
from jupyter_agentauth.known_agents import Agent

pytest_plugins = ["engine_fixtures"]

if TYPE_CHECKING:
    from collections.abc import Iterator

TINY = {"tiny": Agent(name="tiny", command=("tiny",), package=PACKAGE)}


@pytest.fixture
def token() -> str:
    return f"npm_secret{uuid.uuid4().hex}"


@pytest.fixture
def tag(docker_client: docker.DockerClient) -> Iterator[str]:
    """A tag of this test's own; what it names goes with it."""
    name = f"agentauth-test:{uuid.uuid4().hex[:12]}"
    yield name
    with suppress(docker.errors.ImageNotFound):
        docker_client.images.remove(name)


def build(
    client: docker.DockerClient, tag: str, base: str | None, npmrc: str, home: Path
) -> Iterator[dict[str, Any]]:
    (home / ".npmrc").write_text(npmrc)
    config = host_config({"npm_config_globalconfig": "/dev/null"}, home)
    return build_image(client, tag, base_image=base, agents=TINY, config=config)


def test_a_token_used_by_a_build_is_nowhere_in_the_engine_afterwards(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    with NpmRegistry(token) as registry:
        events = list(build(docker_client, tag, agent_image, registry.npmrc(), tmp_path))
    assert events[-1]["type"] == "done", events[-5:]
    assert events[-1]["id"] == docker_client.images.get(tag).id
    assert token not in json.dumps(events)
    assert steps_in_the_engine(docker_client) == []
    for image in docker_client.api.images(all=True):
        with suppress(docker.errors.ImageNotFound):  # Another build's step.
            described = json.dumps(
                [
                    history(docker_client, image["Id"]),
                    docker_client.images.get(image["Id"]).attrs,
                ]
            )
            assert token not in described
            assert registry.host not in described
    found = docker_client.containers.run(
        tag,
        ["sh", "-c", 'grep -rlF -e "$TOKEN" -e "$HOST" /etc /usr /var /opt /root /home /tmp; true'],
        environment={"TOKEN": token, "HOST": registry.host},
        user="0",
        network_mode="none",
        remove=True,
    )
    assert found == b""


def test_an_image_of_one_agent_says_so_and_runs_it(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    with NpmRegistry(token) as registry:
        events = list(build(docker_client, tag, agent_image, registry.npmrc(), tmp_path))
    steps = [event["step"] for event in events if event["type"] == "progress"]
    assert steps == sorted(steps)
    assert steps[-1] == events[0]["total"]
    claude = Agent(name="claude", command=("claude",), package="x")
    status = image_status(docker_client, tag, {**TINY, "claude": claude}).to_json()
    assert status["agents"] == {"tiny": VERSION, "claude": None}
    assert status["base_image"] == agent_image
    assert has_command(docker_client, tag, "tiny")
    said = docker_client.containers.run(
        tag, ["tiny", "--version"], user="4321:4321", network_mode="none", remove=True
    )
    assert said.decode().strip() == f"{VERSION} (Tiny)"


def test_a_failed_build_leaves_the_old_image_and_shows_no_token(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    docker_client.images.get(agent_image).tag(tag)
    wrong = f"npm_wrong{uuid.uuid4().hex}"
    with NpmRegistry(token) as registry:
        events = list(build(docker_client, tag, agent_image, registry.npmrc(wrong), tmp_path))
    assert events[-1]["type"] == "error"
    assert events[-1]["reason"] == "npm_failed"
    assert "E401" in events[-1]["message"]
    assert wrong not in json.dumps(events)
    assert docker_client.images.get(tag).id == docker_client.images.get(agent_image).id
    assert steps_in_the_engine(docker_client) == []


def test_closing_the_events_cancels_the_build(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    with NpmRegistry(token, hang=True) as registry:
        events = build(docker_client, tag, agent_image, registry.npmrc(), tmp_path)
        for event in events:
            if registry.asked_for_package.is_set():
                assert event["type"] == "progress"
                break
        events.close()  # type: ignore[attr-defined]
        assert steps_in_the_engine(docker_client) == []
    with pytest.raises(docker.errors.ImageNotFound):
        docker_client.images.get(tag)


KILLED = """
import sys, docker
from pathlib import Path
from jupyter_agentauth.known_agents import Agent
from jupyter_agentauth.image.build import build_image
from jupyter_agentauth.image.hostconfig import host_config
tag, base, home, package = sys.argv[1:]
config = host_config({"npm_config_globalconfig": "/dev/null"}, Path(home))
agents = {"tiny": Agent(name="tiny", command=("tiny",), package=package)}
list(build_image(docker.from_env(), tag, base_image=base, agents=agents, config=config))
"""


def test_what_a_killed_build_leaves_goes_at_the_next_one(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    with NpmRegistry(token, hang=True) as registry:
        (tmp_path / ".npmrc").write_text(registry.npmrc())
        command = [sys.executable, "-c", KILLED, tag, agent_image, str(tmp_path), PACKAGE]
        process = subprocess.Popen(command)
        assert registry.asked_for_package.wait(120)
        sweep(docker_client)
        assert steps_in_the_engine(docker_client, process.pid), (
            "A living build's steps are not touched."
        )
        process.kill()
        process.wait()
        deadline = time.monotonic() + DEADLINE
        while steps_in_the_engine(docker_client, process.pid) and time.monotonic() < deadline:
            sweep(docker_client)
            time.sleep(0.2)
        assert steps_in_the_engine(docker_client, process.pid) == []


def test_no_step_of_a_build_holds_the_token_so_that_none_is_left_by_a_killed_one(
    docker_client: docker.DockerClient, agent_image: str, tag: str, token: str, tmp_path: Path
) -> None:
    with NpmRegistry(token, hang=True) as registry:
        events = build(docker_client, tag, agent_image, registry.npmrc(), tmp_path)
        for _ in events:
            if registry.asked_for_package.is_set():
                break  # It has the token, and its step is not over.
        steps = set(steps_in_the_engine(docker_client))
        images = [i["Id"] for i in docker_client.api.images(all=True) if i["Id"] in steps]
        found = [_files_with(docker_client, image, token, PACKAGE) for image in images]
        described = json.dumps([[history(docker_client, i) for i in images], found])
        events.close()  # type: ignore[attr-defined]
    assert "/agentauth-build/agents.tsv" in described, "The context's files were searched."
    assert token not in described
    assert all(name not in described for name in ("npmrc", "secrets", "apt.conf"))


def _files_with(client: docker.DockerClient, image: str, *words: str) -> str:
    """Return the names of a step's files that hold one of some words."""
    found: bytes = client.containers.run(
        image,
        ["sh", "-c", 'grep -rlF -e "$A" -e "$B" /agentauth* /root /tmp /home /var/log; true'],
        environment=dict(zip("AB", words, strict=True)),
        user="0",
        network_mode="none",
        remove=True,
    )
    return found.decode()


def test_a_base_image_that_cannot_be_had_is_one_sentence(
    docker_client: docker.DockerClient, tag: str, tmp_path: Path
) -> None:
    for base in ("agentauth-test/there-is-no-such-image:1", "No Valid Name"):
        events = list(build(docker_client, tag, base, "", tmp_path))
        assert events[-1]["reason"] == "base_image_missing"
        assert "--base-image" in events[-1]["message"]


def test_an_engine_that_is_not_there_is_one_sentence(tag: str, tmp_path: Path) -> None:
    client = docker.DockerClient(base_url="unix:///nonexistent/docker.sock", version="1.41")
    events = list(build(client, tag, "x", "", tmp_path))
    assert events[-1]["reason"] == "engine_lost"


class DyingEngine(BaseHTTPRequestHandler):
    """Has every image, and goes away in the middle of each build."""

    def do_GET(self) -> None:
        body = b'{"Id": "sha256:0", "RepoTags": []}' if "/images/x/" in self.path else b"[]"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b'1a\r\n{"stream": "Step 1/3\\nhi"}\n\r\n')
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


def test_an_engine_that_goes_away_in_the_middle_is_one_sentence(tag: str, tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), DyingEngine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = docker.DockerClient(
            base_url=f"tcp://127.0.0.1:{server.server_port}", version="1.41"
        )
        events = list(build(client, tag, "x", "", tmp_path))
    finally:
        server.shutdown()
        server.server_close()
    assert events[-1]["type"] == "error"
    assert events[-1]["reason"] == "engine_lost"
