"""Build the agent image and tell how it goes.

The tag moves at the very end, so an image that works outlives a build that does not.
"""

from __future__ import annotations

import io
import json
import logging
import os
import posixpath
import shutil
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..known_agents import Agent
from . import DEFAULT_BASE_IMAGE, LABEL_AGENTS, LABEL_BASE_IMAGE, LABEL_LAYER, LABEL_RECIPE
from .context import context, recipe, secret_argument, tar
from .hostconfig import HostConfig, host_config
from .leftovers import begin, end, remove_replaced
from .progress import BuildError, Progress, explain

if TYPE_CHECKING:
    import docker

#: Where npm puts packages in the image.
_MODULES = "/usr/local/lib/node_modules"

#: How long a cut-off build's last step may go on in the engine before we stop looking.
_CANCEL_SECONDS = 5.0


def build_image(
    client: docker.DockerClient,
    name: str,
    *,
    base_image: str | None,
    agents: Mapping[str, Agent],
    config: HostConfig | None = None,
) -> Iterator[dict[str, object]]:
    """Build the agent image and yield the contract's events.

    Closing the generator cancels the build. It is heard at the next event, of which one
    comes every two seconds at least while packages are downloaded.

    Parameters
    ----------
    client : docker.DockerClient
    name : str
        The tag, such as ``jupyter-agentauth:latest``.
    base_image : str or None
        A Debian-like image; ``None`` for the default one. Pulled when it is not there.
    agents : mapping of str to Agent
        Those to install, by name; each has a ``package``.
    config : HostConfig, optional
        Instead of this machine's own package-client configuration.

    Yields
    ------
    dict
        ``{"type": "progress", "step", "total", "message"}`` …, then ``{"type": "done",
        "id"}`` or ``{"type": "error", "message", "reason"}``. Never holds a token.
    """
    config = config or host_config(os.environ, Path.home(), shutil.which("npm"))
    base = base_image or DEFAULT_BASE_IMAGE
    # The base, Debian packages, Node, each agent, the check, layers, the copy, the labels.
    progress = Progress(total=len(agents) + 7, scrub=config.scrub)
    build = begin()
    finished = False
    try:
        yield from _ensure_base(client, base, progress)
        made = yield from _run(client, base, agents, config, build, progress)
        yield progress.step("Labelling the image")
        image = _label(client, made, base, agents)
        _tag(client, image, name)
        finished = True
        result: dict[str, object] = {"type": "done", "id": image}
    except Exception as error:
        failure = explain(error, base)
        finished = failure.reason != "engine_lost"
        result = {
            "type": "error",
            "message": config.scrub(failure.message),
            "reason": failure.reason,
        }
        if failure.reason == "failed":
            logging.getLogger(__name__).error("The image build: %s", config.scrub(repr(error)))
    finally:
        _end(client, build, finished)
    yield result


def _end(client: docker.DockerClient, build: str, finished: bool) -> None:
    try:
        end(client, build, stop_seconds=0 if finished else _CANCEL_SECONDS)
    except Exception:
        # The engine went away: the next build removes what this one left.
        return


def _ensure_base(
    client: docker.DockerClient, base: str, progress: Progress
) -> Iterator[dict[str, object]]:
    import docker

    yield progress.step(f"Taking the base image {base}")
    try:
        client.images.get(base)
        return
    except docker.errors.NotFound:
        yield progress.message(f"Pulling {base}")
    except docker.errors.APIError as error:
        raise BuildError.base_missing(base) from error
    try:
        # Without a tag the engine would pull all there are.
        last = base.rpartition("/")[2]
        tag = None if ":" in last or "@" in last else "latest"
        for event in client.api.pull(base, tag=tag, stream=True, decode=True):
            if event.get("error"):
                raise BuildError.base_missing(base)
            # The engine reports each layer's every megabyte.
            if event.get("status") and not event.get("progressDetail"):
                yield progress.message(str(event["status"]))
    except docker.errors.APIError as error:
        raise BuildError.base_missing(base) from error


def _run(
    client: docker.DockerClient,
    base: str,
    agents: Mapping[str, Agent],
    config: HostConfig,
    build: str,
    progress: Progress,
) -> Generator[dict[str, object], None, str]:
    """Run the build proper; the generator's value is the untagged image's id."""
    stream = client.api.build(
        fileobj=io.BytesIO(context(agents, config)),
        custom_context=True,
        dockerfile="Dockerfile",
        buildargs={
            "BASE_IMAGE": base,
            "BUILD_ID": build,
            **config.proxies,
            **secret_argument(config),
        },
        # A registry or proxy on this machine's loopback is reached from its network alone.
        network_mode="host" if config.loopback else None,
        # The newest versions are what a build is for; none of its steps stay anyway.
        nocache=True,
        rm=True,
        forcerm=True,
        # The SDK's own 60 seconds are between two lines; writing a layer takes longer.
        timeout=None,
        decode=True,
    )
    try:
        for event in stream:
            yield from progress.read(event)
    finally:
        # Hangs up, at which the engine stops the build.
        stream.close()
        del stream
    return progress.image()


def _label(client: docker.DockerClient, image: str, base: str, agents: Mapping[str, Agent]) -> str:
    """Return the id of ``image`` with the labels that tell what is in it."""
    labels = {
        LABEL_AGENTS: json.dumps(_versions(client, image, agents), sort_keys=True),
        LABEL_BASE_IMAGE: base,
        LABEL_RECIPE: recipe(agents),
        # An image that somebody makes of this one inherits the labels, but not this.
        LABEL_LAYER: client.images.get(image).attrs["RootFS"]["Layers"][-1],
    }
    progress = Progress(total=1, scrub=str)
    # The labels go beside the Dockerfile, so that nothing in them needs quoting.
    for event in client.api.build(
        fileobj=io.BytesIO(tar({"Dockerfile": f"FROM {image}\n"})),
        custom_context=True,
        labels=labels,
        rm=True,
        forcerm=True,
        timeout=None,
        decode=True,
    ):
        list(progress.read(event))
    return progress.image()


def _versions(
    client: docker.DockerClient, image: str, agents: Mapping[str, Agent]
) -> dict[str, str]:
    from .status import probe, read_file

    versions = {}
    with probe(client, image) as container:
        for name, agent in agents.items():
            path = posixpath.join(_MODULES, agent.package, "package.json")
            package: dict[str, Any] = json.loads(read_file(client, container, path))
            versions[name] = str(package["version"])
    return versions


def _tag(client: docker.DockerClient, image: str, name: str) -> None:
    import docker

    try:
        before = client.images.get(name).id
    except docker.errors.NotFound:
        before = None
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, "latest"
    client.api.tag(image, repository, tag)
    if before != image:
        remove_replaced(client, before)
