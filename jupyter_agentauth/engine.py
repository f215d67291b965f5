"""The container engine, through the Docker SDK: ask it, list, stop.

All calls block; the server runs them in threads. The SDK takes 150 ms to import, so it is
imported when the engine is first needed.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .engine_errors import engine_errors, engine_missing, gone_is_fine
from .launch_plan import LABEL
from .settings import EngineFacts

if TYPE_CHECKING:
    import docker

#: As when a terminal is closed, which also ends shells that ignore SIGTERM; the seconds to
#: wait after each before the container is killed.
_STOP_SIGNALS = (("SIGHUP", 3), ("SIGTERM", 2))

#: Between two looks for a container that is being made; the engine takes some 100 ms.
_POLL_SECONDS = 0.03


@dataclass(frozen=True)
class RunningContainer:
    """A container of ours, as the engine lists it.

    Parameters
    ----------
    id : str
        The engine's full id.
    labels : dict
        Ours, without their common prefix.
    state : str
        The engine's word: ``created``, ``running``, ``exited`` and so on.
    created : float
        Seconds since the epoch.
    name : str
        As ``docker run --name`` gave it.
    """

    id: str
    labels: dict[str, str]
    state: str
    created: float
    name: str = ""

    def shares(self, store: str, agent: str, profile: str) -> bool:
        """Whether it has an agent's directories of the store with this root."""
        wanted = {"agent": agent, "profile": profile, "share-auth": "true", "store": store}
        # What an older version started has no label of its store.
        return wanted.items() <= {"store": store, **self.labels}.items()


class Engine:
    """One engine, found as the ``docker`` command finds it.

    Parameters
    ----------
    docker_command : tuple of str
        The command line client, which has to be there for terminals.
    """

    def __init__(self, docker_command: tuple[str, ...] = ("docker",)) -> None:
        self.docker_command = docker_command
        #: Called when the engine has answered for the first time, in whatever thread.
        self.reached: Callable[[], object] = lambda: None
        self._client: docker.DockerClient | None = None
        self._lock = threading.Lock()

    @property
    def client(self) -> docker.DockerClient:
        """The SDK's client, made at first use.

        Raises
        ------
        EngineError
        """
        with self._lock:
            first = self._client is None
            if self._client is None:
                if shutil.which(self.docker_command[0]) is None:
                    raise engine_missing(self.docker_command[0])
                with engine_errors():
                    self._client = _connect()
            client = self._client
        if first:
            self.reached()
        return client

    def close(self) -> None:
        """Let go of the connections; the next use makes new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def facts(self) -> EngineFacts:
        """Ask the engine what it is.

        Raises
        ------
        EngineError
            With reason ``engine_missing``, ``engine_not_running``, ``engine_no_permission``
            or ``engine_error``.
        """
        with engine_errors():
            info = self.client.info()
        options = [str(option) for option in info.get("SecurityOptions") or ()]
        return EngineFacts(
            rootless=any("name=rootless" in option for option in options),
            userns_remap=any("name=userns" in option for option in options),
            selinux=any("name=selinux" in option for option in options),
            desktop="Docker Desktop" in str(info.get("OperatingSystem", "")),
            version=str(info.get("ServerVersion", "")),
        )

    def containers(self, owner: str, session: str | None = None) -> list[RunningContainer]:
        """List our containers of one user, stopped ones too, oldest first.

        Raises
        ------
        EngineError
        """
        which = "" if session is None else f"={session}"
        wanted = [f"{LABEL}owner={owner}", f"{LABEL}session{which}"]
        with engine_errors():
            found = self.client.api.containers(all=True, filters={"label": wanted})
        listed = [_container(entry) for entry in found]
        return sorted(listed, key=lambda container: container.created)

    def stop(self, owner: str, session: str) -> bool:
        """Stop and remove a session's container; returns whether there was one.

        Asks first, as a closing terminal does, so that the agent can write what it holds.

        Raises
        ------
        EngineError
        """
        found = self.containers(owner, session)
        for container in found:
            if container.state == "running":
                self._end(container.id)
            with engine_errors(), gone_is_fine():
                self.client.api.remove_container(container.id, force=True)
            with engine_errors(), gone_is_fine():
                # The engine may have been removing it already (`--rm`).
                self.client.api.wait(container.id, timeout=10, condition="removed")
        return bool(found)

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of a container's terminal; one that does not run has none.

        Raises
        ------
        EngineError
        """
        with engine_errors(), gone_is_fine():
            self.client.api.resize(container, rows, columns)

    def _end(self, container: str) -> None:
        import requests

        for signal, patience in _STOP_SIGNALS:
            with engine_errors(), gone_is_fine():
                self.client.api.kill(container, signal)
                try:
                    self.client.api.wait(container, timeout=patience)
                    return
                except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
                    continue  # How the SDK reports that the time is over.
            return

    def wait_for_container(
        self, owner: str, session: str, alive: Callable[[], bool], seconds: float = 30
    ) -> str | None:
        """Wait until a session's container runs and return its full id.

        Parameters
        ----------
        alive : callable
            Whether the ``docker run`` client still runs; when not, waiting ends.

        Returns
        -------
        str or None
            Also of a container that ended meanwhile; ``None`` when none was seen until the
            client ended or the time was over.
        """
        deadline = time.monotonic() + seconds
        seen: str | None = None
        while time.monotonic() < deadline:
            # Asked before the list is read, so that nothing is missed in between.
            ended = not alive()
            found = self.containers(owner, session)
            seen = found[0].id if found else seen
            if ended or (found and found[0].state == "running"):
                break
            time.sleep(_POLL_SECONDS)
        return seen


def _connect() -> docker.DockerClient:
    import docker
    from docker.context import ContextAPI

    if os.environ.get("DOCKER_HOST"):
        return docker.DockerClient.from_env(timeout=60)
    # A rootless engine is usually reached by a context, which `from_env` does not read.
    context = ContextAPI.get_current_context()
    host = context.Host if context is not None else None
    return docker.DockerClient(base_url=host, timeout=60) if host else docker.from_env(timeout=60)


def _container(entry: dict[str, Any]) -> RunningContainer:
    labels = entry.get("Labels") or {}
    return RunningContainer(
        id=entry["Id"],
        labels={k.removeprefix(LABEL): v for k, v in labels.items() if k.startswith(LABEL)},
        state=entry.get("State", ""),
        created=float(entry.get("Created", 0)),
        name=(entry.get("Names") or [""])[0].removeprefix("/"),
    )
