"""A run in a console that can only be added to: its text as it comes, without escapes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .run_facts import left_out
from .run_text import footer_lines, header_lines, tool_line
from .shown_text import shown_text
from .transcript import MOST_TEXT, Missing, Used

if TYPE_CHECKING:
    from .run import Run


class ConsoleDisplay:
    """Prints a run; see `RunDisplay`."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name
        self._seen = self._printed = 0
        self._held = ""
        self._closed = False
        self._lock = threading.Lock()
        print(header_lines(run)[0], *header_lines(run)[1:], "", sep="\n", flush=True)

    def update(self) -> None:
        """Print what is new."""
        with self._lock:
            lines = self._run.events
            end = len(lines)
            for line in lines[self._seen : end]:
                self._print_line(line)
            self._seen = end

    def close(self) -> None:
        """Print the rest, and how it ended."""
        self.update()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._say("", whole=True)
            missing = Missing(max(0, self._printed - MOST_TEXT))
            if sentence := left_out(missing, self._name, "last"):
                print(f"\n{sentence}")
            end = header_lines(self._run)[:1]
            print("", *footer_lines(self._run, self._name), *end, sep="\n", flush=True)

    def _print_line(self, line: dict[str, Any]) -> None:
        if line.get("type") == "text":
            self._say(str(line.get("text") or ""))
        elif line.get("type") == "tool" and line.get("output") is None:
            self._say("", whole=True)
            tool = Used(str(line.get("name")), line.get("input"))
            print(f"\n{tool_line(tool)}", flush=True)

    def _say(self, text: str, whole: bool = False) -> None:
        # Words are printed whole: an escape sequence or a key is not seen in its halves.
        held = self._held + text
        end = len(held) if whole else max(held.rfind(" "), held.rfind("\n")) + 1
        ready, self._held = shown_text(held[:end]), held[end:]
        room = max(0, MOST_TEXT - self._printed)
        self._printed += len(ready)
        print(ready[:room], end="", flush=True)
