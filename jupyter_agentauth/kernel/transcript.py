"""What a run said and did, in the order in which it did it, and how much of it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .shown_text import in_one_line, shown_text

#: What the parts of an output hold at most, in characters; the rest is in the `Run`.
MOST_TEXT, MOST_TOOL, MOST_BLOCKS = 60_000, 4_000, 300


@dataclass(frozen=True)
class Missing:
    """What of a run is not shown, for its length."""

    characters: int
    tools: int = 0


@dataclass
class Said:
    """A stretch of text, in the pieces in which it came."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0


@dataclass
class Used:
    """A tool and what came of it; `output` is None while it works."""

    name: str
    input: Any
    output: str | None = None
    ended: bool = False
    _details: tuple[str, str] | None = None

    def summary(self) -> str:
        """Return the tool and what it was told, in one line."""
        told = self.input
        if isinstance(told, Mapping) and len(told) > 0:
            # The first value says most: a command, a path.
            told = next((v for v in told.values() if isinstance(v, str)), told)
        shown = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        return in_one_line(f"{self.name}: {shown}" if told else self.name, 120)

    def details(self) -> tuple[str, str]:
        """Return its input and its output, each bounded."""
        if self._details is None or not self.ended:
            self._details = self._input(), _bounded(self.output or "")
        return self._details

    def _input(self) -> str:
        told = self.input
        if isinstance(told, Mapping) and all(isinstance(v, str) for v in told.values()):
            text = "\n".join(f"{key}: {value}" for key, value in told.items())
        elif isinstance(told, str):
            text = told
        else:
            text = "" if told is None else json.dumps(told, indent=1, ensure_ascii=False)
        return _bounded(text)


class Transcript:
    """The lines of a run, read as they come; `read` goes on where it ended."""

    def __init__(self) -> None:
        self._blocks: list[Said | Used] = []
        self._tools: dict[str, Used] = {}
        self._seen = 0

    def read(self, lines: list[dict[str, Any]]) -> None:
        """Take in what is new in a run's lines."""
        end = len(lines)
        for line in lines[self._seen : end]:
            self._add(line)
        self._seen = end

    def shown(self) -> tuple[Missing, list[str | Used]]:
        """Return what is left out at the front, and the text and tools after it.

        The end is what one looks at while it runs, and it says what came of it afterwards.
        """
        room, kept = MOST_TEXT, list[str | Used]()
        blocks = self._blocks[:]
        for block in reversed(blocks[-MOST_BLOCKS:]):
            if room <= 0:
                break
            if isinstance(block, Used):
                kept.append(block)
                room -= 200 + sum(map(len, block.details()))
            else:
                kept.append(_end_of("".join(block.pieces), room))
                room -= block.length
        texts = [part for part in kept if isinstance(part, str)]
        told = sum(block.length for block in blocks if isinstance(block, Said))
        used = sum(isinstance(block, Used) for block in blocks)
        missing = Missing(max(0, told - sum(map(len, texts))), used - len(kept) + len(texts))
        return missing, [
            shown_text(part) if isinstance(part, str) else part for part in reversed(kept)
        ]

    def _add(self, line: Mapping[str, Any]) -> None:
        if line.get("type") == "text" and line.get("text"):
            last = self._blocks[-1] if self._blocks else None
            if not isinstance(last, Said):
                last = Said()
                self._blocks.append(last)
            last.pieces.append(line["text"])
            last.length += len(line["text"])
        elif line.get("type") == "tool":
            identity = str(line.get("id"))
            used = self._tools.get(identity)
            if used is None:
                used = self._tools[identity] = Used(str(line.get("name")), line.get("input"))
                self._blocks.append(used)
            else:
                used.ended, used._details = True, None
                used.input = used.input if line.get("input") is None else line["input"]
            if line.get("output") is not None:
                used.output, used.ended = str(line["output"]), True


def transcript(lines: Iterable[dict[str, Any]]) -> Transcript:
    """Return the transcript of all of a run's lines."""
    read = Transcript()
    read.read(list(lines))
    return read


def _end_of(text: str, length: int) -> str:
    """Return the end of a Markdown text, from the beginning of a line on."""
    if len(text) <= length:
        return text
    cut = text.find("\n", len(text) - length)
    cut = len(text) - length if cut < 0 or cut == len(text) - 1 else cut + 1
    # In the middle of a fenced block: it begins anew, or text and code change places.
    fences = sum(line.lstrip().startswith("```") for line in text[:cut].split("\n"))
    return ("```\n" if fences % 2 else "") + text[cut:]


def _bounded(text: str) -> str:
    shown = shown_text(text[: 2 * MOST_TOOL])
    if len(text) <= MOST_TOOL:
        return shown
    return f"{shown[:MOST_TOOL]}\n… {len(text) - MOST_TOOL:,} more characters"
