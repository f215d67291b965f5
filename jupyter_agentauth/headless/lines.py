"""The contract's lines of a run, and how a CLI's parser makes them."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..text.numbers import told_number

#: One of the contract's objects.
Line = dict[str, Any]


class EventParser(Protocol):
    """Understands one CLI's events, in their order.

    Attributes
    ----------
    conversation : str or None
        With which the CLI goes on, once it has said so.
    problem : str or None
        What the CLI says went wrong.
    """

    conversation: str | None
    problem: str | None

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says, if it is one that says anything."""
        ...


class Text:
    """The agent's messages as one text, with an empty line between them."""

    def __init__(self) -> None:
        self._end = ""
        self._parted = True

    def part(self) -> None:
        """Begin another message with what comes next."""
        self._parted = True

    def say(self, text: str) -> list[Line]:
        """Return the line for a piece of a message."""
        if not text:
            return []
        if self._parted and self._end:
            text = "\n" * (2 - (len(self._end) - len(self._end.rstrip("\n")))) + text
        self._parted = False
        self._end = (self._end + text)[-2:]
        return [{"type": "text", "text": text}]


#: Tools that work at the same moment.
_MOST_TOOLS = 200

#: Characters of what is remembered of each: its id, and what it was given.
_LONGEST_ID, _LARGEST_INPUT = 200, 100_000


class Tools:
    """The tools that an agent uses, each told when it begins and when it has ended."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[str, object]] = {}

    def begins(self, identity: object, name: object, given: object) -> list[Line]:
        """Return the line for a tool that begins."""
        self._begun[_key(identity)] = str(name), given if _is_small(given) else None
        if len(self._begun) > _MOST_TOOLS:
            del self._begun[next(iter(self._begun))]
        return [_tool(identity, name, given, None)]

    def are_at(self, identity: object) -> bool:
        """Whether one that has begun has not ended."""
        return _key(identity) in self._begun

    def ended(self, identity: object, output: object, given: object = None) -> list[Line]:
        """Return the line for a tool that has ended."""
        name, was_given = self._begun.pop(_key(identity), ("tool", None))
        given = was_given if given is None else given
        return [_tool(identity, name, given, as_text(output))]


def _key(identity: object) -> str:
    return str(identity)[:_LONGEST_ID]


def _is_small(given: object) -> bool:
    return len(json.dumps(given)) <= _LARGEST_INPUT


def _tool(identity: object, name: object, given: object, output: str | None) -> Line:
    return {
        "type": "tool",
        "id": _key(identity),
        "name": str(name),
        "input": given,
        "output": output,
    }


def usage(
    input_tokens: object = None,
    output_tokens: object = None,
    cached_tokens: object = None,
    cost: object = None,
) -> list[Line]:
    """Return the line for what a run has used; a CLI tells some of it or nothing."""
    told = {
        "input_tokens": told_number(input_tokens),
        "output_tokens": told_number(output_tokens),
        "cached_tokens": told_number(cached_tokens),
        "cost": told_number(cost),
    }
    return [{"type": "usage", **told}] if any(v is not None for v in told.values()) else []


def as_text(value: object) -> str:
    """Return a tool's output as a text: strings, lists of text blocks, or JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [block.get("text") for block in value if isinstance(block, dict)]
        if texts and all(isinstance(text, str) for text in texts):
            return "\n".join(map(str, texts))
    return json.dumps(value, ensure_ascii=False)


def object_of(value: object) -> dict[str, Any]:
    """Return an object, an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}
