"""How agents and profiles are named, and which agent a command starts."""

from __future__ import annotations

import difflib
import posixpath
import re
import shlex
from collections.abc import Mapping

from .errors import BadRequest
from .known_agents import Agent

#: Agent and profile names; they become directory names and label values.
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def check_name(name: object, what: str = "agent") -> str:
    """Return ``name`` when it can name an agent or a profile.

    Raises
    ------
    BadRequest
        With reason ``bad_agent`` or ``bad_profile``.
    """
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    raise BadRequest(
        f"{name!r} cannot name {'an' if what == 'agent' else 'a'} {what}: use up to 64 lower-case "
        "letters, digits, '_', '.' and '-', beginning with a letter or digit.",
        f"bad_{what}",
    )


def split_command(command: object) -> tuple[str, ...]:
    """Split what the user typed for an agent into a command and its arguments.

    ``"/usr/local/bin/claude --resume"`` gives ``("/usr/local/bin/claude", "--resume")``.

    Raises
    ------
    BadRequest
        When it is empty, badly quoted, or a relative path.
    """
    try:
        words = tuple(shlex.split(command)) if isinstance(command, str) else ()
    except ValueError:
        words = ()
    if not words or "\0" in str(command):
        raise BadRequest(
            f"{command!r} is no agent: give its name, such as 'claude', or a command.", "bad_agent"
        )
    if "/" in words[0] and not words[0].startswith("/"):
        raise BadRequest(
            f"{words[0]!r} is a relative path: give the command's name or its absolute path "
            "inside the image.",
            "bad_agent",
        )
    check_name(posixpath.basename(words[0]))
    return words


def resolve(command: object, table: Mapping[str, Agent]) -> tuple[Agent, tuple[str, ...]]:
    """Find the agent that a command starts.

    Parameters
    ----------
    command : str
        An agent's name, or a command with an optional path and arguments. Matched by the
        base name of its first word.
    table : mapping of str to Agent
        The agents that are known here, see `agent_table.make_table`.

    Returns
    -------
    agent : Agent
        From the table; for a command in no table an `Agent` with ``known=False``.
    argv : tuple of str
        What to run in the container.

    Raises
    ------
    BadRequest
        When ``command`` cannot name a command.
    """
    words = split_command(command)
    name = posixpath.basename(words[0])
    agent = table.get(name)
    if agent is None:
        by_command = (a for a in table.values() if posixpath.basename(a.command[0]) == name)
        agent = next(by_command, None)
    if agent is None:
        return Agent(name=name, command=words, title=name, known=False), words
    if words[0] == agent.name:
        return agent, (*agent.command, *words[1:])
    return agent, (words[0], *agent.command[1:], *words[1:])


def known_agent(command: object, table: Mapping[str, Agent]) -> Agent | None:
    """Return the table's agent that a command starts, if it has it; raises as `resolve`."""
    agent, _ = resolve(command, table)
    return agent if agent.known else None


def nearest(name: str, table: Mapping[str, Agent]) -> str:
    """Return the end of a sentence that says which agent was meant by an unknown name."""
    near = difflib.get_close_matches(name, table, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known agents are {', '.join(table)}."
