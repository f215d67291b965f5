"""The agents as people see them: what each is, whether it can run, who is signed in."""

from __future__ import annotations

from .agents import Agent
from .authstore import AuthStore
from .engine import Engine
from .errors import AgentAuthError
from .profiles import profiles
from .settings import Settings
from .signin import sign_in


def agent_status(settings: Settings, store: AuthStore, engine: Engine) -> list[dict[str, object]]:
    """Return the contract's objects of ``GET agents``.

    Works without an engine: each agent then says so as its problem.
    """
    problems = {
        image: _image_problem(image, engine)
        for image in {agent.image or settings.image for agent in settings.agents.values()}
    }
    return [
        _agent_json(agent, settings, store, engine, problems[agent.image or settings.image])
        for agent in settings.agents.values()
    ]


def _agent_json(
    agent: Agent, settings: Settings, store: AuthStore, engine: Engine, problem: str | None
) -> dict[str, object]:
    states = {
        name: sign_in(store, agent, name, settings.share_scope)
        for name in profiles(store, agent, settings.profile)
    }
    if problem is None:
        problem = _command_problem(agent, agent.image or settings.image, engine)
    return {
        "name": agent.name,
        "title": agent.title,
        "icon": agent.icon,
        "signed_in": states[settings.profile].signed_in,
        "image_ok": problem is None,
        "problem": problem,
        "profiles": [state.to_json(name) for name, state in states.items()],
    }


def _image_problem(image: str, engine: Engine) -> str | None:
    from .image.status import image_status

    try:
        present = image_status(engine.client, image, {}).present
    except AgentAuthError as error:
        return error.message
    return (
        None
        if present
        else (f"The image {image} is not there: `jupyter agentauth image build` makes it.")
    )


def _command_problem(agent: Agent, image: str, engine: Engine) -> str | None:
    from .image.status import has_command

    try:
        if has_command(engine.client, image, agent.command[0]):
            return None
    except AgentAuthError as error:
        return error.message
    return (
        f"The image {image} has no command {agent.command[0]!r}: build it with {agent.name}, or "
        "set the agent's own image."
    )
