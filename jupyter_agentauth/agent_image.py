"""The agent image: what it is and has, building and updating it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from .engine import Engine
from .errors import NotFound, Unavailable
from .known_agents import Agent
from .settings import Settings

if TYPE_CHECKING:
    from .image.status import ImageStatus


class AgentImage:
    """The image that is built here, and those of agents that have their own.

    Parameters
    ----------
    engine : Engine
    settings : Settings
        ``image`` is the name of the one that is built here.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings

    @cached_property
    def status(self) -> ImageStatus:
        """What the image is; of a missing one, that it is not there.

        Raises
        ------
        EngineError
        """
        from .image.status import image_status

        settings = self._settings
        return image_status(self._engine.client, settings.image, settings.agents)

    def name(self, agent: Agent) -> str:
        """Return the image that an agent runs in."""
        return agent.image or self._settings.image

    def has(self, image: str, command: str) -> bool:
        """Tell whether an image has a command.

        Raises
        ------
        Unavailable
            With reason ``image_missing``, and what to do about it.
        EngineError
        """
        from .image.status import has_command

        try:
            return has_command(self._engine.client, image, command)
        except Unavailable as error:
            if error.reason == "image_missing" and image != self._settings.image:
                mend = shlex.join(["docker", "pull", image])
                raise Unavailable(
                    f"The image {image} is not there: get it with `{mend}`, or make it as its "
                    "maker does.",
                    error.reason,
                    mend,
                ) from None
            raise

    def command_missing(self, agent: Agent) -> NotFound:
        """The error for an agent whose image lacks it, with what gives it to it.

        Raises
        ------
        EngineError
        """
        from .image.choice import command_missing

        return command_missing(agent, self.name(agent), self.status)

    def contents(self) -> dict[str, str]:
        """Say of each agent what the image has of it, for people.

        Raises
        ------
        EngineError
        """
        return {name: self._content(agent) for name, agent in self._settings.agents.items()}

    def _content(self, agent: Agent) -> str:
        version = self.status.agents.get(agent.name)
        if agent.image and agent.image != self._settings.image:
            return f"in its own image {agent.image}"
        if version:
            return version
        known = self.status.built or not self.has(self.status.name, agent.command[0])
        return "not in it" if known else "in it, version unknown"

    def build(
        self, base_image: str | None = None, agents: tuple[str, ...] = ()
    ) -> Iterator[dict[str, object]]:
        """Build the image, of the newest versions, and yield the contract's progress objects.

        Parameters
        ----------
        base_image : str, optional
            Instead of the default one.
        agents : tuple of str
            Names of the agents to install; all if empty.

        Raises
        ------
        BadRequest, Conflict
            For an agent that the image cannot be built with, and an image that was made
            otherwise; nothing was started then.
        EngineError
        """
        from .image.choice import check_replaceable, choose

        chosen = choose(self._settings.agents, agents)
        check_replaceable(self.status)
        return self._build(base_image, chosen)

    def update(self) -> Iterator[dict[str, object]]:
        """Build it anew on the same base, with the newest versions of the same agents.

        Raises
        ------
        Unavailable, Conflict
            When there is none, or one that was made otherwise; nothing was started then.
        EngineError
        """
        from .image.choice import check_updatable, choose

        check_updatable(self.status)
        names = [name for name, version in self.status.agents.items() if version]
        return self._build(self.status.base_image, choose(self._settings.agents, names))

    def _build(
        self, base_image: str | None, agents: Mapping[str, Agent]
    ) -> Iterator[dict[str, object]]:
        from .image.build import build_image

        return build_image(
            self._engine.client,
            self._settings.image,
            base_image=base_image,
            agents=agents,
        )
