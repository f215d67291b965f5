"""The agent image as `make test` built it, with the machine's real configuration."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from waiting import DEADLINE

from jupyter_agentauth.errors import Unavailable
from jupyter_agentauth.image import LABEL_BASE_IMAGE, LABEL_PROBE
from jupyter_agentauth.image.context import recipe
from jupyter_agentauth.image.hostconfig import host_config
from jupyter_agentauth.image.status import has_command, image_status
from jupyter_agentauth.known_agents import BUILT_IN

pytest_plugins = ["engine_fixtures"]

if TYPE_CHECKING:
    import docker


@pytest.mark.parametrize("agent", BUILT_IN)
def test_an_agent_runs_as_any_user_without_rights_and_is_what_the_label_says(
    docker_client: docker.DockerClient, agent_image: str, agent: str
) -> None:
    said = docker_client.containers.run(
        agent_image,
        [*BUILT_IN[agent].command, "--version"],
        user="4321:4321",
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        read_only=True,
        tmpfs={"/tmp": "mode=1777", "/home/someone": "mode=1777,exec"},
        environment={"HOME": "/home/someone"},
        remove=True,
    ).decode()
    version = image_status(docker_client, agent_image, BUILT_IN).agents[agent]
    assert version
    assert re.search(rf"(?<![\d.]){re.escape(version)}(?![\d])", said), said


def test_claude_code_is_not_an_old_one(
    docker_client: docker.DockerClient, agent_image: str
) -> None:
    # npm under Node 20 chose 2.1.197 where 2.1.330 was the newest.
    version = image_status(docker_client, agent_image, BUILT_IN).agents["claude"]
    assert version
    assert tuple(int(part) for part in version.split(".")) >= (2, 1, 330)


def test_the_image_is_of_the_recipe_at_hand(
    docker_client: docker.DockerClient, agent_image: str
) -> None:
    assert image_status(docker_client, agent_image, BUILT_IN).recipe == recipe(BUILT_IN)


def test_nothing_of_this_machines_configuration_is_in_the_image(
    docker_client: docker.DockerClient, agent_image: str
) -> None:
    config = host_config(os.environ, Path.home(), shutil.which("npm"))
    image = docker_client.images.get(agent_image)
    base = docker_client.images.get(image.labels[LABEL_BASE_IMAGE])
    history = image.history()[: len(image.history()) - len(base.history())]
    assert "http" not in json.dumps(history)
    described = json.dumps([history, image.attrs])
    for secret in (*config.secrets, *config.proxies.values()):
        assert secret not in described
    # The machine's own certificates: those that the image's Debian does not have.
    script = (
        "find / -xdev \\( -name .npmrc -o -name npmrc -o -name .package-lock.json "
        "-o -name _cacache -o -path '/agentauth*' -o -path '/etc/apt/auth.conf' \\) -print;"
        "find /usr/local/share/ca-certificates /root -type f;"
        "cat /etc/ssl/certs/ca-certificates.crt >&2"
    )
    container = docker_client.containers.create(
        agent_image, ["sh", "-c", script], user="0", network_mode="none"
    )
    try:
        container.start()
        container.wait()
        found = container.logs(stdout=True, stderr=False).decode()
        bundle = container.logs(stdout=False, stderr=True).decode()
    finally:
        container.remove(force=True)
    # The base's own shell profiles are all that root has.
    left = [line for line in found.splitlines() if line not in ("/root/.bashrc", "/root/.profile")]
    assert left == []
    own = "".join(
        file.read_text(errors="replace")
        for file in Path("/usr/local/share/ca-certificates").glob("**/*.crt")
    )
    for block in re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----", own, re.DOTALL):
        assert block not in bundle


def test_no_file_names_the_registry_or_a_token(
    docker_client: docker.DockerClient, agent_image: str
) -> None:
    config = host_config(os.environ, Path.home(), shutil.which("npm"))
    hosts = {
        urlsplit(line.partition("=")[2]).hostname
        for line in config.npmrc.splitlines()
        if "registry=" in line
    }
    wanted = [*config.secrets, *(host for host in hosts if host)]
    # `resolved` is what npm writes into what it installs; the manifests carry it too when a
    # package was published with it.
    patterns = ["-e", '"_resolved": "http', *(p for text in wanted for p in ("-e", text))]
    found = docker_client.containers.run(
        agent_image,
        ["sh", "-c", 'grep -rlF "$@" /usr/local /etc /var /opt; true', "sh", *patterns],
        user="0",
        network_mode="none",
        remove=True,
    )
    assert found.decode() == ""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("claude", True),
        ("/usr/local/bin/claude", True),
        ("sh", True),
        ("awk", True),
        ("/usr/local/bin", False),
        ("/etc/passwd", False),
        ("/usr/local/bin/", False),
        ("no-such-command", False),
        ("local/bin/claude", False),
        ("..", False),
        ("", False),
        ("a\0b", False),
        ("--help", False),
        ("cl*ude", False),
    ],
)
def test_an_image_is_asked_for_a_command_without_running_it(
    docker_client: docker.DockerClient, agent_image: str, command: str, expected: bool
) -> None:
    assert has_command(docker_client, agent_image, command) is expected
    # Probes of other processes on this engine come and go; ours must not stay.
    left = probes(docker_client)
    deadline = time.monotonic() + DEADLINE
    while left and time.monotonic() < deadline:
        time.sleep(0.1)
        left &= probes(docker_client)
    assert not left


def probes(client: docker.DockerClient) -> set[str]:
    listed = client.api.containers(all=True, filters={"label": LABEL_PROBE})
    return {container["Id"] for container in listed}


def test_a_missing_image_is_one_sentence(docker_client: docker.DockerClient) -> None:
    for name in ("agentauth-test/none:1", "No Valid Name"):
        with pytest.raises(Unavailable) as caught:
            has_command(docker_client, name, "claude")
        assert caught.value.reason == "image_missing"
        status = image_status(docker_client, name, BUILT_IN).to_json()
        assert status == {
            "name": name,
            "present": False,
            "id": None,
            "size": None,
            "created": None,
            "base_image": None,
            "agents": dict.fromkeys(BUILT_IN),
        }
