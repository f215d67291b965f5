"""What builds leave in the engine, and its removal.

The engine keeps every step of the builder stage as an untagged image. Each step is labelled with
its build, and the label tells whether that build still runs: ``<owner>.<process>.<random>``, the
owner a digest of the machine.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..machine import is_alive, machine
from . import LABEL_AGENTS, LABEL_BUILD, LABEL_PROBE

if TYPE_CHECKING:
    import docker

#: After this time another machine's build on the same engine is taken for dead.
_FOREIGN_SECONDS = 6 * 3600

#: After this time a probe is nobody's; it lives for a fraction of a second.
_STALE_SECONDS = 900

_running: set[str] = set()


def begin() -> str:
    """Return the id of a new build; `end` it."""
    build = f"{machine()}.{os.getpid()}.{secrets.token_hex(6)}"
    _running.add(build)
    return build


def end(client: docker.DockerClient, build: str, *, stop_seconds: float = 0) -> None:
    """Remove what a build left, and whatever dead builds left before.

    Parameters
    ----------
    stop_seconds : float
        For a build that was cut off: how long to look for steps that the engine still
        finishes.
    """
    _running.discard(build)
    deadline = time.monotonic() + stop_seconds
    while True:
        sweep(client)
        if time.monotonic() >= deadline:
            return
        time.sleep(0.3)


def sweep(client: docker.DockerClient) -> None:
    """Remove containers, steps and probes of builds that no longer run."""
    api = client.api
    for container in api.containers(all=True, filters={"label": LABEL_BUILD}):
        if _is_step(container) and _dead(container):
            _quietly(client, "container", container["Id"])
    sweep_probes(client)
    _remove_images(client)


def probe_owner() -> str:
    """Return what a probe is labelled with: the process that looks into it."""
    return f"{machine()}.{os.getpid()}"


def sweep_probes(client: docker.DockerClient) -> None:
    """Remove probes whose process was killed before it could."""
    for container in client.api.containers(all=True, filters={"label": LABEL_PROBE}):
        owner, _, process = str(container["Labels"].get(LABEL_PROBE)).partition(".")
        if owner == machine() and process.isdigit():
            left = not is_alive(int(process))
        else:
            left = abs(time.time() - float(container["Created"])) > _STALE_SECONDS
        if left:
            _quietly(client, "container", container["Id"])


def remove_replaced(client: docker.DockerClient, image: str | None) -> None:
    """Remove the image that a new one replaced, unless containers or tags still use it."""
    if image is None:
        return
    found = client.api.images(all=True, filters={"label": LABEL_AGENTS})
    if any(entry["Id"] == image and not _tags(entry) for entry in found):
        _quietly(client, "image", image)


def _remove_images(client: docker.DockerClient) -> None:
    while True:
        found = client.api.images(all=True, filters={"label": LABEL_BUILD})
        parents = {entry.get("ParentId") for entry in found}
        # Leaves first: the engine refuses to remove a step that others stand on. The steps
        # below an image in use stay, which are those of its final stage alone.
        leaves = [
            entry["Id"]
            for entry in found
            if not _tags(entry) and entry["Id"] not in parents and _is_step(entry) and _dead(entry)
        ]
        if not sum(_quietly(client, "image", leaf) for leaf in leaves):
            return


def _is_step(entry: dict[str, Any]) -> bool:
    """Whether it belongs to a build's steps.

    A finished image has its agents' label, and so have the containers and images that
    others make from it; the Dockerfile blanks the label in case that the base has one.
    """
    return not (entry.get("Labels") or {}).get(LABEL_AGENTS)


def _dead(entry: dict[str, Any]) -> bool:
    build = str((entry.get("Labels") or {}).get(LABEL_BUILD, ""))
    owner, _, rest = build.partition(".")
    process = rest.partition(".")[0]
    if owner != machine() or not process.isdigit():
        return time.time() - float(entry["Created"]) > _FOREIGN_SECONDS
    if int(process) == os.getpid():
        return build not in _running
    return not is_alive(int(process))


def _tags(entry: dict[str, Any]) -> list[str]:
    # Docker 20.10 gives "<none>:<none>" for an untagged image, newer ones nothing.
    tags: Iterable[str] = entry.get("RepoTags") or ()
    return [tag for tag in tags if tag != "<none>:<none>"]


def _quietly(client: docker.DockerClient, kind: str, identifier: str) -> bool:
    """Remove it if the engine lets us; somebody may use it or have removed it already."""
    import docker

    try:
        if kind == "container":
            client.api.remove_container(identifier, force=True, v=True)
        else:
            client.api.remove_image(identifier)
    except docker.errors.APIError:
        return False
    return True
