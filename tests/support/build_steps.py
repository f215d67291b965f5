"""What a build leaves in the engine."""

from __future__ import annotations

import os
from typing import Any

import docker

from jupyter_agentauth.image import LABEL_AGENTS, LABEL_BUILD


def history(client: docker.DockerClient, image: str | None) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = client.api.history(image)  # type: ignore[no-untyped-call]
    return steps


def steps_in_the_engine(client: docker.DockerClient, process: int | None = None) -> list[str]:
    """Containers and untagged images of one process's builds, by default of this one's.

    Without the final stage's own steps, which stay below its tagged image.
    """
    kept = {
        layer["Id"]
        # Not `client.images.list()`, which inspects each: others come and go meanwhile.
        for image in client.api.images()
        if set(image["RepoTags"] or ()) - {"<none>:<none>"}
        for layer in history(client, image["Id"])
    }
    found = client.api.images(all=True, filters={"label": LABEL_BUILD})
    found += client.api.containers(all=True, filters={"label": LABEL_BUILD})
    return [
        entry["Id"]
        for entry in found
        if entry["Id"] not in kept
        and entry["Labels"][LABEL_BUILD].split(".")[1] == str(process or os.getpid())
        and not entry["Labels"][LABEL_AGENTS]
    ]
