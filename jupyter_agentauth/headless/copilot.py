"""Copilot CLI's ``--output-format json`` (1.0.102).

It tells its requests of the subscription's premium ones, but neither tokens nor cost.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from .lines import Line, Text, Tools, object_of


class CopilotEvents:
    """Understands its events."""

    def __init__(self) -> None:
        self.conversation: str | None = None
        self.problem: str | None = None
        self._text, self._tools = Text(), Tools()
        self._streamed: deque[str] = deque(maxlen=100)

    def parse(self, event: dict[str, Any]) -> list[Line]:
        """Return what an event says."""
        data = object_of(event.get("data"))
        message = str(data.get("messageId"))[:200]
        match event.get("type"):
            case "assistant.message_delta":
                if message not in self._streamed:
                    self._streamed.append(message)
                    self._text.part()
                return self._text.say(str(data.get("deltaContent") or ""))
            case "assistant.message" if message not in self._streamed:
                self._text.part()
                return self._text.say(str(data.get("content") or ""))
            case "tool.execution_start":
                tool, given = data.get("toolName"), data.get("arguments")
                return self._tools.begins(data.get("toolCallId"), tool, given)
            case "tool.execution_complete":
                came = object_of(data.get("result")).get("content")
                error = object_of(data.get("error")).get("message")
                return self._tools.ended(data.get("toolCallId"), came or error)
            case "session.error":
                self.problem = str(data.get("message") or "It failed.")
            case "result":
                self.conversation = event.get("sessionId") or self.conversation
        return []
