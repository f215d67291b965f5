"""The agents as people see them: what each is, whether it can run, who is signed in."""

from __future__ import annotations

from .agent_image import AgentImage
from .authstore import AuthStore
from .errors import AgentAuthError, Unavailable
from .known_agents import Agent
from .profiles import profiles
from .settings import Settings
from .signin import sign_in


def agent_status(
    settings: Settings, store: AuthStore, image: AgentImage
) -> list[dict[str, object]]:
    """Return the contract's objects of ``GET agents``.

    Works without an engine: each agent then says so as its problem.
    """
    problems: dict[str, AgentAuthError] = {}
    return [
        _agent_json(agent, settings, store, _problem(agent, image, problems))
        for agent in settings.agents.values()
    ]


def sign_ins(settings: Settings, store: AuthStore) -> list[dict[str, object]]:
    """Return what `agent_status` says of who is signed in; asks no engine."""
    return [
        {"name": agent.name, **_sign_in_json(agent, settings, store)}
        for agent in settings.agents.values()
    ]


def _agent_json(
    agent: Agent, settings: Settings, store: AuthStore, problem: AgentAuthError | None
) -> dict[str, object]:
    return {
        "name": agent.name,
        "title": agent.title,
        "icon": agent.icon,
        "image_ok": problem is None,
        "problem": problem.message if problem else None,
        "reason": problem.reason if problem else None,
        "mend": problem.mend if problem else None,
        **_sign_in_json(agent, settings, store),
    }


def _sign_in_json(agent: Agent, settings: Settings, store: AuthStore) -> dict[str, object]:
    states = {
        name: sign_in(store, agent, name, settings.share_scope)
        for name in profiles(store, agent, settings.profile)
    }
    return {
        "signed_in": states[settings.profile].signed_in,
        "profiles": [state.to_json(name) for name, state in states.items()],
    }


def _problem(
    agent: Agent, image: AgentImage, problems: dict[str, AgentAuthError]
) -> AgentAuthError | None:
    """Say why an agent cannot run; ``problems`` remembers what holds of a whole image."""
    name = image.name(agent)
    if name in problems:
        return problems[name]
    try:
        return None if image.has(name, agent.command[0]) else image.command_missing(agent)
    except Unavailable as error:
        return problems.setdefault(name, error)
    except AgentAuthError as error:
        return error
