"""Fixtures of tests that need the real engine and the real agent image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import docker
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    """The machine's engine."""
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture(scope="session")
def agent_image(docker_client: docker.DockerClient) -> str:
    """The name of an image with all agents; `make test` builds it."""
    name = os.environ.get("AGENTAUTH_TEST_IMAGE", "jupyter-agentauth:latest")
    docker_client.images.get(name)
    return name
