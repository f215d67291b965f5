"""A prompt for something that is no agent: which one was meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from .errors import AgentError

if TYPE_CHECKING:
    from .client import Client


def explained(client: Client, agent: str, refusal: AgentError) -> AgentError:
    """Return the refusal of a prompt, or what says better that it was for no agent."""
    if refusal.reason != "bad_prompt":
        return refusal
    names = [str(known["name"]) for known in client.agents()]
    if agent.split()[0].rpartition("/")[2] in names:
        return refusal
    near = get_close_matches(agent, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known agents are {', '.join(names)}."
    return AgentError(f"{agent!r} is no agent that takes a prompt: {hint}", "unknown_agent")
