"""What an agent prints, line by line, whichever it is."""

from __future__ import annotations

import json

from ..requests import is_conversation
from ..text.bounded_json import TooMuch, parse_json
from .claude import ClaudeEvents
from .codex import CodexEvents
from .copilot import CopilotEvents
from .gemini import GeminiEvents
from .lines import EventParser, Line
from .opencode import OpenCodeEvents

_PARSERS: dict[str, type[EventParser]] = {
    "claude": ClaudeEvents,
    "codex": CodexEvents,
    "gemini": GeminiEvents,
    "opencode": OpenCodeEvents,
    "copilot": CopilotEvents,
}


class Output:
    """Makes the contract's lines of what an agent prints.

    Parameters
    ----------
    form : str
        The table's word for the CLI's events; empty for an agent that prints text.
    """

    def __init__(self, form: str) -> None:
        self._events = _PARSERS[form]() if form else None

    @property
    def conversation(self) -> str | None:
        """With which the CLI goes on, once it has said so."""
        told = self._events.conversation if self._events else None
        return str(told) if is_conversation(told) else None

    @property
    def problem(self) -> str | None:
        """What the CLI says went wrong."""
        return self._events.problem if self._events else None

    def read(self, printed: str) -> list[Line]:
        """Return what a line says, which ends in a newline if more follows it."""
        event = _event(printed) if self._events else None
        if event is None or self._events is None:
            return [{"type": "text", "text": printed}] if printed else []
        try:
            lines = self._events.parse(event) or [{"type": "event"}]
        except (TypeError, ValueError, AttributeError):
            # Another version's: it is told as it is, and the run goes on.
            lines = [{"type": "event"}]
        return [{**lines[0], "raw": event}, *lines[1:]]


def _event(printed: str) -> dict[str, object] | None:
    if not printed.lstrip().startswith("{"):
        return None
    try:
        event = parse_json(printed)
    except (ValueError, TooMuch):  # What no CLI writes is text.
        return None
    if "\\ud" in printed or "\\uD" in printed:
        # Half a character, which no file and no other reader of JSON can hold.
        event = json.loads(json.dumps(event, ensure_ascii=False).encode(errors="replace"))
    return event if isinstance(event, dict) and "type" in event else None
