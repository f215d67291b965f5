"""How an agent is given a prompt without a terminal, and a conversation to go on with."""

from __future__ import annotations

from ..errors import BadRequest, Conflict
from ..known_agents import CONVERSATION, Agent
from ..launch_plan import LaunchPlan
from ..requests import check_arguments
from ..split import CONFIG

PROMPT = "{prompt}"


def headless_arguments(
    agent: Agent | None, prompt: str, conversation: str | None = None
) -> tuple[tuple[str, ...], str]:
    """Return the arguments that have an agent work on a prompt, and what it is given on stdin.

    Parameters
    ----------
    agent : Agent or None
        ``None`` for a command that is in no table: it has its own arguments alone.
    conversation : str, optional
        What it is to go on with.

    Raises
    ------
    BadRequest
        With reason ``bad_prompt`` or ``no_headless``.
    Conflict
        With reason ``nothing_to_resume``.
    """
    if agent is None:
        if conversation is not None:
            raise _cannot_resume("This command")
        return (), ""
    title = agent.title or agent.name
    if not prompt.strip():
        raise BadRequest(f"The prompt is empty: say what {title} is to do.", "bad_prompt")
    if conversation is not None:
        resume = agent.resume_piped
        if not resume:
            raise _cannot_resume(title)
        return _with(resume, CONVERSATION, conversation), prompt
    if agent.piped:
        return agent.piped, prompt
    if not agent.headless:
        raise BadRequest(
            f"{title} has no arguments for a prompt without a terminal: set 'headless' of "
            f"c.AgentAuth.agents[{agent.name!r}].",
            "no_headless",
        )
    return check_arguments(_with(agent.headless, PROMPT, prompt)), ""


def resume_arguments(agent: Agent | None, conversation: str) -> tuple[str, ...]:
    """Return the arguments that go on with a conversation in a terminal.

    Raises
    ------
    Conflict
        With reason ``nothing_to_resume``.
    """
    if agent is None or not agent.resume:
        raise _cannot_resume("This command" if agent is None else agent.title or agent.name)
    return _with(agent.resume, CONVERSATION, conversation)


def keeps_conversations(plan: LaunchPlan) -> bool:
    """Tell whether another session can go on with a session's conversation."""
    return plan.share_auth and plan.share_scope == CONFIG


def check_conversations_kept(plan: LaunchPlan) -> None:
    """Refuse to go on with a conversation where the session has none of the earlier ones.

    Raises
    ------
    Conflict
        With reason ``nothing_to_resume``.
    """
    if keeps_conversations(plan):
        return
    why = (
        "c.AgentAuth.share_scope = 'credentials' keeps none"
        if plan.share_auth
        else "they are kept with the shared sign-in, and sharing is off"
    )
    raise Conflict(f"There is no earlier conversation to go on with: {why}.", "nothing_to_resume")


def _with(words: tuple[str, ...], place: str, text: str) -> tuple[str, ...]:
    return tuple(word.replace(place, text) for word in words)


def _cannot_resume(title: str) -> Conflict:
    return Conflict(
        f"{title} cannot go on with a conversation here: begin a new one.", "nothing_to_resume"
    )
