"""Gemini CLI's ``--output-format stream-json`` (0.61.0). It tells no cost."""

from __future__ import annotations

from typing import Any

from .lines import Line, Text, Tools, object_of, usage


class GeminiEvents:
    """Understands its events."""

    def __init__(self) -> None:
        self.conversation: str | None = None
        self.problem: str | None = None
        self._text, self._tools = Text(), Tools()

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says."""
        match event.get("type"):
            case "init":
                self.conversation = event.get("session_id") or self.conversation
            case "message" if event.get("role") == "assistant":
                if not event.get("delta"):
                    self._text.part()
                return self._text.say(str(event.get("content") or ""))
            case "tool_use":
                self._text.part()
                tool, given = event.get("tool_name"), event.get("parameters")
                return self._tools.begins(event.get("tool_id"), tool, given)
            case "tool_result":
                error = object_of(event.get("error")).get("message")
                return self._tools.ended(event.get("tool_id"), event.get("output") or error)
            case "error":
                self.problem = str(event.get("message") or "It failed.")
            case "result":
                return self._result(event)
        return []

    def _result(self, event: dict[str, Any]) -> list[Line]:
        error = object_of(event.get("error")).get("message")
        if event.get("status") != "success":
            self.problem = str(error or self.problem or "It failed.")
        stats = object_of(event.get("stats"))
        return usage(stats.get("input_tokens"), stats.get("output_tokens"), stats.get("cached"))
