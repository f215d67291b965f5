"""What may stand behind ``%agent`` and ``%%agent``: the options, and how a line is read."""

from __future__ import annotations

import keyword
import shlex
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from .errors import AgentError

LINE, CELL = "%agent", "%%agent"


@dataclass(frozen=True)
class Option:
    """One option; `value` names what follows it, if anything does."""

    name: str
    key: str
    value: str = ""
    magics: tuple[str, ...] = (LINE, CELL)
    sets: bool = True


OPTIONS = (
    Option("--worktree", "worktree", "W"),
    Option("--create", "create"),
    Option("--profile", "profile", "P"),
    Option("--share", "share"),
    Option("--no-share", "share", sets=False),
    Option("--resume", "resume"),
    Option("--inline", "inline", magics=(LINE,)),
    Option("--into", "into", "NAME", magics=(CELL,)),
    Option("--background", "background", magics=(CELL,)),
)


@dataclass(frozen=True)
class MagicRequest:
    """What a line asks for; `share` is None where it leaves the choice to the settings."""

    agent: str
    args: tuple[str, ...] = ()
    worktree: str | None = None
    create: bool = False
    profile: str | None = None
    share: bool | None = None
    resume: bool = False
    inline: bool = False
    into: str | None = None
    background: bool = False


class WrongUsage(AgentError):
    """A line that is not understood."""

    reason = "wrong_usage"


def options_of(magic: str) -> dict[str, Option]:
    """Return a magic's options by name."""
    return {option.name: option for option in OPTIONS if magic in option.magics}


def parse_line(line: str, magic: str) -> MagicRequest:
    """Read what stands behind ``%agent`` or ``%%agent``.

    Raises
    ------
    WrongUsage
        With one sentence that names what is wrong.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise WrongUsage(f"{magic} {line.strip()}: {error}, close the quotes.") from None
    words, args = _split_at_dashes(words)
    agents: list[str] = []
    values: dict[str, Any] = {}
    while words:
        word = words.pop(0)
        if word.startswith("-"):
            _take_option(word, words, magic, values)
        else:
            agents.append(word)
    if len(agents) != 1:
        raise WrongUsage(_which_agent(agents, magic))
    return _checked(replace(MagicRequest(agents[0], args), **values), magic)


def _split_at_dashes(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    if "--" not in words:
        return words, ()
    index = words.index("--")
    return words[:index], tuple(words[index + 1 :])


def _take_option(word: str, words: list[str], magic: str, values: dict[str, Any]) -> None:
    name, equals, value = word.partition("=")
    known = options_of(magic)
    option = known.get(name)
    if option is None:
        raise WrongUsage(_no_option(name, magic, known))
    if not option.value:
        if equals:
            raise WrongUsage(f"{magic}: {name} takes no value.")
        if values.get(option.key, option.sets) != option.sets:
            raise WrongUsage(f"{magic}: --share and --no-share exclude each other.")
        values[option.key] = option.sets
        return
    if not equals:
        if not words or words[0].startswith("--"):
            raise WrongUsage(f"{magic}: {name} needs a value: {name} {option.value}.")
        value = words.pop(0)
    if not value:
        raise WrongUsage(f"{magic}: {name} needs a value: {name} {option.value}.")
    values[option.key] = value


def _no_option(name: str, magic: str, known: dict[str, Option]) -> str:
    elsewhere = next((o for o in OPTIONS if o.name == name), None)
    if elsewhere is not None:
        return f"{magic} has no option {name}: it belongs to {elsewhere.magics[0]}."
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"its options are {', '.join(known)}."
    return f"{magic} has no option {name}: {hint} What is for the agent itself stands after --."


def _which_agent(agents: list[str], magic: str) -> str:
    if not agents:
        return f"Name an agent, as in `{magic} claude`: %agents lists them."
    return (
        f"{magic} starts one agent, and {' and '.join(map(repr, agents))} were named: "
        "what is for the agent itself stands after --."
    )


def _checked(request: MagicRequest, magic: str) -> MagicRequest:
    if request.create and request.worktree is None:
        raise WrongUsage(
            f"{magic}: --create needs the new branch's name: --worktree NAME --create."
        )
    into = request.into
    if into is not None and (not into.isidentifier() or keyword.iskeyword(into)):
        raise WrongUsage(f"{magic}: --into needs a variable's name, and {into!r} cannot be one.")
    return request
