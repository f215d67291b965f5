"""Files that a container left under another owner: removed by one, as root.

It has that directory alone, no network, a read-only root file system, and of root's
capabilities those two that deleting takes.
"""

from __future__ import annotations

from typing import Any

from .docker_run import engine_path
from .engine import Engine
from .engine_errors import engine_errors
from .errors import AgentAuthError, EngineError
from .image import LABEL_PROBE
from .image.leftovers import probe_owner, sweep_probes
from .image.status import image_missing
from .nofollow import identity
from .settings import Settings

#: Where the container has the directory.
_TARGET = "/worktree"

#: Nothing is removed unless the engine has mounted the directory that we mean: who can write
#: above it could have put a link in its place.
_EMPTY = (
    'if [ "$1" != any ] && [ "$(stat -c %d:%i /worktree)" != "$1" ]; then exit 99; fi; '
    "exec find /worktree -xdev -mindepth 1 -delete"
)

#: Seconds for a big directory.
_SECONDS = 600


def empty_as_root(engine: Engine, settings: Settings, directory: str) -> None:
    """Remove all that is in a directory, whoever owns it.

    Parameters
    ----------
    directory : str
        Absolute, without a link on the way.

    Raises
    ------
    AgentAuthError
        Some of it may be gone then.
    OSError
    """
    device, inode, _ = identity(directory)
    facts = engine.facts()
    # A file has another identity in Docker Desktop's machine.
    expected = "any" if facts.desktop else f"{device}:{inode}"
    source = engine_path(directory, settings.host_path_map)
    # With userns-remap root is a subordinate user, unless the container opts out.
    userns = "host" if facts.userns_remap and not facts.rootless else None
    security = ["no-new-privileges", *(["label=disable"] if facts.selinux else [])]
    options = {"userns_mode": userns, "security_opt": security}
    code = _run(engine, settings.image, source, expected, options)
    if code:
        raise AgentAuthError(
            f"The container that was to remove it ended with {code}.", "not_removed"
        )


def _run(engine: Engine, image: str, source: str, expected: str, options: dict[str, Any]) -> int:
    import docker
    import requests

    api = engine.client.api
    with engine_errors():
        sweep_probes(engine.client)
        try:
            container = api.create_container(
                image,
                command=["sh", "-c", _EMPTY, "sh", expected],
                entrypoint=[""],
                user="0:0",
                working_dir="/",
                labels={LABEL_PROBE: probe_owner()},
                network_disabled=True,
                host_config=api.create_host_config(
                    mounts=[docker.types.Mount(_TARGET, source, type="bind")],
                    network_mode="none",
                    read_only=True,
                    cap_drop=["ALL"],
                    cap_add=["DAC_OVERRIDE", "FOWNER"],
                    pids_limit=16,
                    log_config=docker.types.LogConfig(type="none"),
                    **options,
                ),
            )["Id"]
        except docker.errors.NotFound:
            raise image_missing(image) from None
        try:
            api.start(container)
            return int(api.wait(container, timeout=_SECONDS)["StatusCode"])
        except requests.exceptions.ReadTimeout:
            raise EngineError("The container that was to remove it took too long.") from None
        finally:
            api.remove_container(container, force=True, v=True)
