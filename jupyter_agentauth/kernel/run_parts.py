"""What a run consists of: files that it changed, tools that it used, what was tried on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """A file that a run changed; the lines are ``None`` where they cannot be counted."""

    path: str
    status: str
    added: int | None = None
    removed: int | None = None


@dataclass
class ToolCall:
    """What the agent did with one of its tools; ``output`` is ``None`` until it ended."""

    id: str
    name: str
    input: Any = None
    output: str | None = None


@dataclass(frozen=True)
class Check:
    """A command that was run on what an agent made.

    Parameters
    ----------
    command : str
    exit_code : int or None
        ``None`` when it could not be run, or was stopped.
    last_lines : str
        The end of what it printed.
    problem : str or None
        Why it could not be run.
    """

    command: str
    exit_code: int | None
    last_lines: str = ""
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it passed."""
        return self.exit_code == 0
