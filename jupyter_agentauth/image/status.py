"""What an image is and has, without running anything of it."""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..engine_errors import engine_errors
from ..errors import Unavailable
from ..known_agents import Agent
from . import BUILD, LABEL_AGENTS, LABEL_BASE_IMAGE, LABEL_LAYER, LABEL_PROBE, LABEL_RECIPE
from .leftovers import probe_owner, sweep_probes

if TYPE_CHECKING:
    import docker

#: What the engine gives a container whose image sets none (moby, ``system.DefaultPathEnv``).
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: Bits of Go's ``fs.FileMode``, in which the engine gives modes.
_SYMLINK = 1 << 27
_NOT_REGULAR = 1 << 31 | _SYMLINK | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19

#: Found by image and command; an image's content never changes under its id.
_found: dict[tuple[str, str], bool] = {}


@dataclass(frozen=True)
class ImageStatus:
    """The contract's object of ``GET image``.

    Parameters
    ----------
    name : str
        Its tag.
    present : bool
        Whether the engine has it; if not, all that follows is ``None``.
    id, created, base_image : str or None
    size : int or None
        In bytes, with its base.
    agents : mapping of str to str or None
        Version by agent; ``None`` for one that the image is not built with, and for all of
        an image that somebody made otherwise.
    recipe : str or None
        Equal to `jupyter_agentauth.image.context.recipe` of the same agents when it was
        built in the way in which it would be built today.
    built : bool
        Whether it is as `build_image` made it, and not somebody's own.
    """

    name: str
    present: bool
    id: str | None
    size: int | None
    created: str | None
    base_image: str | None
    agents: Mapping[str, str | None]
    recipe: str | None = None
    built: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the contract's keys."""
        found = asdict(self)
        del found["recipe"], found["built"]
        return found


def image_status(
    client: docker.DockerClient, name: str, agents: Mapping[str, Agent]
) -> ImageStatus:
    """Tell what the image ``name`` is and which of ``agents`` it has.

    Raises
    ------
    EngineError
        When the engine cannot be asked. A missing image is no error here.
    """
    image = _inspect(client, name)
    if image is None:
        return ImageStatus(name, False, None, None, None, None, dict.fromkeys(agents))
    labels = (image.get("Config") or {}).get("Labels") or {}
    versions = _parse_versions(labels.get(LABEL_AGENTS, ""))
    top = ((image.get("RootFS") or {}).get("Layers") or [None])[-1]
    return ImageStatus(
        name=name,
        present=True,
        id=image["Id"],
        size=image.get("Size"),
        created=image.get("Created"),
        base_image=labels.get(LABEL_BASE_IMAGE),
        agents={agent: versions.get(agent) for agent in agents},
        recipe=labels.get(LABEL_RECIPE),
        built=bool(labels.get(LABEL_RECIPE)) and labels.get(LABEL_LAYER, top) == top,
    )


def has_command(client: docker.DockerClient, image_name: str, command: str) -> bool:
    """Tell whether an image has an executable.

    A container is made of the image and looked into, but never started.

    Parameters
    ----------
    client : docker.DockerClient
    image_name : str
        Any image of the engine.
    command : str
        A bare name, looked up in the image's own ``PATH``, or an absolute path.

    Raises
    ------
    Unavailable
        With reason ``image_missing``.
    EngineError
        When the engine cannot be asked.
    """
    image = _inspect(client, image_name)
    if image is None:
        raise image_missing(image_name)
    key = (str(image["Id"]), command)
    if key not in _found:
        paths = _candidates(command, (image.get("Config") or {}).get("Env") or [])
        with engine_errors(), probe(client, key[0]) as container:
            sweep_probes(client)
            _found[key] = any(_is_executable(client, container, path) for path in paths)
    return _found[key]


def image_missing(name: str) -> Unavailable:
    """The error for an agent image that is not there."""
    return Unavailable(
        f"The image {name} is not there: make it with `{BUILD}`.", "image_missing", BUILD
    )


@contextmanager
def probe(client: docker.DockerClient, image: str) -> Iterator[str]:
    """Make a container that is never started, and remove it."""
    container = client.api.create_container(
        image,
        # The engine wants a command; it need not exist.
        command=["true"],
        labels={LABEL_PROBE: probe_owner()},
        network_disabled=True,
    )["Id"]
    try:
        yield container
    finally:
        client.api.remove_container(container, force=True, v=True)


def read_file(client: docker.DockerClient, container: str, path: str) -> bytes:
    """Return the content of a regular file in a container."""
    chunks, _ = client.api.get_archive(container, path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.extractfile(archive.getmembers()[0])
        return member.read() if member else b""


def _inspect(client: docker.DockerClient, name: str) -> dict[str, Any] | None:
    import docker

    with engine_errors():
        try:
            found: dict[str, Any] = client.images.get(name).attrs
        except docker.errors.NotFound:
            return None
        except docker.errors.APIError as error:
            if error.status_code == 400:  # No valid name: there is no such image.
                return None
            raise
    return found


def _parse_versions(label: str) -> dict[str, str]:
    try:
        found = json.loads(label or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _candidates(command: str, environment: list[str]) -> list[str]:
    if "\0" in command or command.endswith("/"):
        return []
    if command.startswith("/"):
        return [command]
    if not command or "/" in command:
        return []
    path = next((v[5:] for v in environment if v.startswith("PATH=")), _PATH)
    return [posixpath.join(part, command) for part in path.split(":") if part.startswith("/")]


def _is_executable(client: docker.DockerClient, container: str, path: str) -> bool:
    stat = _stat(client, container, path)
    if stat and stat["mode"] & _SYMLINK:
        # The engine has followed the whole chain, within the image (moby, Container.StatPath).
        stat = _stat(client, container, stat["linkTarget"])
    return bool(stat and not stat["mode"] & _NOT_REGULAR and stat["mode"] & 0o111)


def _stat(client: docker.DockerClient, container: str, path: str) -> dict[str, Any] | None:
    # HEAD gives the stat alone; the SDK's get_archive would begin to send the file.
    api = client.api
    url = f"{api.base_url}/v{api.api_version}/containers/{container}/archive"
    response = api.head(url, params={"path": path}, timeout=api.timeout)
    if response.status_code != 200:
        return None
    stat: dict[str, Any] = json.loads(b64decode(response.headers["X-Docker-Container-Path-Stat"]))
    return stat
