"""Codex's ``exec --json`` (0.169.0). It tells whole messages, and no cost."""

from __future__ import annotations

from typing import Any

from .lines import Line, Text, Tools, object_of, usage

#: What an item that is a tool was given, and what came of it.
_GIVEN = ("command", "changes", "query", "arguments", "server", "tool")
_CAME = ("aggregated_output", "result", "error")


class CodexEvents:
    """Understands its events."""

    def __init__(self) -> None:
        self.conversation: str | None = None
        self.problem: str | None = None
        self._text, self._tools = Text(), Tools()

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says."""
        match event.get("type"):
            case "thread.started":
                self.conversation = event.get("thread_id") or self.conversation
            case "item.started" | "item.updated":
                return self._item(object_of(event.get("item")), ended=False)
            case "item.completed":
                return self._item(object_of(event.get("item")), ended=True)
            case "turn.completed":
                self.problem = None
                used = object_of(event.get("usage"))
                return usage(
                    used.get("input_tokens"),
                    used.get("output_tokens"),
                    used.get("cached_input_tokens"),
                )
            case "turn.failed":
                self.problem = str(object_of(event.get("error")).get("message") or "It failed.")
            case "error":
                # Also of a request that it makes again: `turn.completed` shows which.
                self.problem = str(event.get("message") or "It failed.")
        return []

    def _item(self, item: dict[str, Any], ended: bool) -> list[Line]:
        kind, identity = item.get("type"), item.get("id")
        if kind == "agent_message":
            self._text.part()
            return self._text.say(str(item.get("text") or "")) if ended else []
        if kind in ("reasoning", "todo_list", "error", None):
            return []
        lines: list[Line] = []
        given = {name: item[name] for name in _GIVEN if item.get(name) is not None}
        if not self._tools.are_at(identity):
            lines += self._tools.begins(identity, kind, given)
        if ended:
            came = next((item[name] for name in _CAME if item.get(name)), "")
            lines += self._tools.ended(identity, came, given)
        return lines
