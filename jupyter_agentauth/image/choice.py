"""What to build an image of, and how an agent comes into one that lacks it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from ..errors import BadRequest, Conflict, NotFound, Unavailable
from ..known_agents import Agent
from . import BUILD, DEFAULT_BASE_IMAGE
from .status import ImageStatus


def choose(table: Mapping[str, Agent], names: Iterable[str]) -> dict[str, Agent]:
    """Return the agents of these names; all that an image can be built with if none.

    Raises
    ------
    BadRequest
        For an agent that the image cannot be built with.
    """
    known = {name: agent for name, agent in table.items() if agent.package}
    for name in names:
        if name not in known:
            raise BadRequest(
                f"The image cannot be built with {name!r}: choose of {', '.join(known)}.",
                "bad_agent",
            )
    return {name: known[name] for name in names} or known


def check_replaceable(status: ImageStatus) -> None:
    """Refuse to build in the place of an image that somebody made otherwise.

    Raises
    ------
    Conflict
        With reason ``own_image``.
    """
    if status.present and not status.built:
        raise Conflict(
            f"The image {status.name} is your own, and a build would take its name from it: "
            "build it anew as you made it, or set another name in c.AgentAuth.image.",
            "own_image",
        )


def check_updatable(status: ImageStatus) -> None:
    """Refuse to update what is not there, or was made otherwise.

    Raises
    ------
    Unavailable
        With reason ``image_missing``.
    Conflict
        With reason ``own_image``.
    """
    if not status.present:
        raise Unavailable(
            f"The image {status.name} is not there, so there is nothing to update: make it with "
            f"`{BUILD}`.",
            "image_missing",
            BUILD,
        )
    check_replaceable(status)


def command_missing(agent: Agent, image: str, status: ImageStatus) -> NotFound:
    """The error for an agent whose image lacks it, with what gives it to it.

    Parameters
    ----------
    image : str
        The agent's.
    status : ImageStatus
        Of the image that `build_image` would make.
    """
    lacks = f"The image {image} has no command {agent.command[0]!r}"
    if not (agent.package and image == status.name and status.built):
        own = f"c.AgentAuth.agents = {{{agent.name!r}: {{'image': 'IMAGE'}}}}"
        sentence = f"{lacks}: install it there, or name an image that has it ({own})."
        return NotFound(sentence, "command_not_in_image")
    agents = [name for name, version in status.agents.items() if version or name == agent.name]
    words = [*BUILD.split(), "--agents", ",".join(agents)]
    if status.base_image not in (None, DEFAULT_BASE_IMAGE):
        words += ["--base-image", str(status.base_image)]
    mend = shlex.join(words)
    return NotFound(f"{lacks}: `{mend}` adds it.", "command_not_in_image", mend)
