"""OpenCode's ``run --format json`` (1.18.33). It tells whole texts, and tools when they ended."""

from __future__ import annotations

from typing import Any

from ..text.numbers import told_number
from .lines import Line, Text, Tools, object_of, usage


class OpenCodeEvents:
    """Understands its events."""

    def __init__(self) -> None:
        self.conversation: str | None = None
        self.problem: str | None = None
        self._text, self._tools = Text(), Tools()
        self._used: dict[str, int | float] = {"input": 0, "output": 0, "read": 0}
        self._cost = 0.0

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says."""
        self.conversation = event.get("sessionID") or self.conversation
        part = object_of(event.get("part"))
        match event.get("type"):
            case "text":
                self._text.part()
                return self._text.say(str(part.get("text") or ""))
            case "tool_use":
                state, identity = object_of(part.get("state")), part.get("callID")
                given = state.get("input")
                came = state.get("output") or state.get("error")
                return [
                    *self._tools.begins(identity, part.get("tool"), given),
                    *self._tools.ended(identity, came, given),
                ]
            case "step_finish":
                return self._step(part)
            case "error":
                self.problem = _message(event.get("error"))
        return []

    def _step(self, part: dict[str, Any]) -> list[Line]:
        """Add up the steps, of which each tells its own."""
        tokens = object_of(part.get("tokens"))
        told = {**tokens, "read": object_of(tokens.get("cache")).get("read")}
        for name in self._used:
            self._used[name] += told_number(told.get(name)) or 0
        self._cost += told_number(part.get("cost")) or 0
        return usage(self._used["input"], self._used["output"], self._used["read"], self._cost)


def _message(error: object) -> str:
    told = object_of(error)
    return str(object_of(told.get("data")).get("message") or told.get("name") or "It failed.")
