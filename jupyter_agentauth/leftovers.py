"""Containers that were made for a session and that nobody will start, or has removed.

A ``docker run`` client makes its container, and then starts it. One that is killed in between
leaves it behind, in a state in which ``--rm`` never removes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from .engine import RunningContainer
from .engine_errors import engine_errors
from .machine import command_lines, machine

if TYPE_CHECKING:
    import docker

#: The label that says from which machine a session was started.
MACHINE = "machine"

#: Seconds after which another machine's client will not start its container any more.
_FOREIGN_SECONDS = 900


def without_leftovers(
    client: docker.DockerClient, containers: Iterable[RunningContainer]
) -> list[RunningContainer]:
    """Remove what nobody will start, and what the engine should have removed.

    Parameters
    ----------
    containers : iterable of RunningContainer
        One user's, of ours. Listed before this is called, so that whoever made one of them
        runs by now, or has ended.

    Returns
    -------
    list of RunningContainer
        The others.

    Raises
    ------
    EngineError
    """
    found = list(containers)
    if all(container.state in ("running", "paused", "restarting") for container in found):
        return found
    starting = _being_started()
    left = {
        container.id
        for container in found
        if _is_left(container, starting) and _removed(client, container)
    }
    return [container for container in found if container.id not in left]


def _is_left(container: RunningContainer, starting: set[str] | None) -> bool:
    if container.state in ("exited", "dead"):
        return True  # As far as it was to be removed by itself; see `_removed`.
    if container.state != "created":
        return False
    if starting is not None and container.labels.get(MACHINE) == machine():
        return container.name not in starting
    return abs(time.time() - container.created) > _FOREIGN_SECONDS


def _being_started() -> set[str] | None:
    """Return the names of containers that a client of this machine runs."""
    lines = command_lines()
    if lines is None:
        return None
    return {
        name.decode(errors="replace")
        for line in lines
        for option, name in pairwise(line)
        if option == b"--name"
    }


def _removed(client: docker.DockerClient, container: RunningContainer) -> bool:
    import docker

    with engine_errors():
        try:
            inspected = client.api.inspect_container(container.id)
            # An administrator may keep ended ones, by `extra_run_args`.
            if not (inspected.get("HostConfig") or {}).get("AutoRemove"):
                return False
            # Without force: what was started meanwhile is refused.
            client.api.remove_container(container.id)
        except docker.errors.NotFound:
            return True
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
            return False
    return True
