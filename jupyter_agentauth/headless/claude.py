"""Claude Code's ``--output-format stream-json --include-partial-messages`` (2.1.332)."""

from __future__ import annotations

from typing import Any

from .lines import Line, Text, Tools, object_of, usage


class ClaudeEvents:
    """Understands its events."""

    def __init__(self) -> None:
        self.conversation: str | None = None
        self.problem: str | None = None
        self._text, self._tools = Text(), Tools()
        self._streamed = False

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says."""
        self.conversation = event.get("session_id") or self.conversation
        if event.get("parent_tool_use_id"):
            return []  # What an agent of its own says, it hears; the user, in the end.
        match event.get("type"):
            case "stream_event":
                return self._piece(object_of(event.get("event")))
            case "assistant":
                return self._message(object_of(event.get("message")))
            case "user":
                return self._results(object_of(event.get("message")))
            case "result":
                return self._result(event)
        return []

    def _piece(self, event: dict[str, Any]) -> list[Line]:
        if event.get("type") == "content_block_start":
            self._text.part()
        delta = object_of(event.get("delta"))
        if delta.get("type") != "text_delta":
            return []
        self._streamed = True
        return self._text.say(str(delta.get("text") or ""))

    def _message(self, message: dict[str, Any]) -> list[Line]:
        """Take a whole block; its text was there in pieces, unless the CLI makes it itself."""
        lines: list[Line] = []
        for block in map(object_of, message.get("content") or ()):
            if block.get("type") == "tool_use":
                lines += self._tools.begins(block.get("id"), block.get("name"), block.get("input"))
            elif block.get("type") == "text" and not self._streamed:
                self._text.part()
                lines += self._text.say(str(block.get("text") or ""))
        self._streamed = False
        return lines

    def _results(self, message: dict[str, Any]) -> list[Line]:
        content = message.get("content")
        blocks = map(object_of, content if isinstance(content, list) else ())
        return [
            line
            for block in blocks
            if block.get("type") == "tool_result"
            for line in self._tools.ended(block.get("tool_use_id"), block.get("content"))
        ]

    def _result(self, event: dict[str, Any]) -> list[Line]:
        if event.get("is_error"):
            errors = event.get("errors")
            said = event.get("result") or (errors[0] if isinstance(errors, list) and errors else "")
            self.problem = str(said or event.get("subtype"))
        used = object_of(event.get("usage"))
        return usage(
            used.get("input_tokens"),
            used.get("output_tokens"),
            used.get("cache_read_input_tokens"),
            event.get("total_cost_usd"),
        )
