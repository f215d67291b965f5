"""How far several runs are, while they run: one output that is updated, or lines on stderr."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from .page_output import ReplacedOutput
from .run_display import in_console
from .run_facts import duration, files_line, state_name
from .shown_text import in_one_line
from .work import in_thread

if TYPE_CHECKING:
    from .results import Results
    from .run import Run

#: Seconds between two updates of an output, in which nothing but the time may go on.
_PAUSE = 0.5


class Progress(Protocol):
    """Shows how far runs are."""

    def update(self, run: Run) -> None:
        """Take note that one has changed; from any thread."""

    def close(self) -> None:
        """Show how they ended."""


def progress_of(results: Results, display: bool | None) -> Progress:
    """Return what shows the progress of runs.

    Parameters
    ----------
    display : bool or None
        ``None`` shows it in a notebook and in a terminal, and not in a pipe or a log.
    """
    if display is False:
        return Silent()
    if not in_console():
        return Updated(results)
    return Lines(results) if display or sys.stderr.isatty() else Silent()


class Silent:
    """Shows nothing."""

    def update(self, run: Run) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Lines:
    """A line on stderr when a run begins and when it ends."""

    def __init__(self, results: Results) -> None:
        self._states: dict[int, str] = {}
        self._lock = threading.Lock()
        for warning in results.warnings:
            self._say(warning)

    def update(self, run: Run) -> None:
        """Say what is new."""
        with self._lock:
            state = _state(run)
            if self._states.get(id(run)) != state:
                self._states[id(run)] = state
                self._say(f"{run.name}: {state}{_what(run)}")

    def close(self) -> None:
        """Say no more: each has said how it ended."""

    def _say(self, line: str) -> None:
        print(in_one_line(line, 1000), file=sys.stderr, flush=True)


class Updated:
    """The table of all runs in the cell's output, and one line in its place at the end."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._output = ReplacedOutput(repr(results), results._repr_html_())
        in_thread(self._keep_shown, "agents: progress")

    def update(self, run: Run) -> None:
        """Wait for the next time."""

    def close(self) -> None:
        """Make room for the results, which the cell shows itself."""
        with self._lock:
            self._ended.set()
            counted = Counter(state_name(run) for run in self._results)
            told = ", ".join(f"{count} {state}" for state, count in counted.items())
            line = f"{told} after {duration(time.monotonic() - self._began)}."
            self._output.replace(line, f"<div>{line}</div>")

    def _keep_shown(self) -> None:
        while not self._ended.wait(_PAUSE):
            with self._lock:
                if not self._ended.is_set():
                    self._output.replace(repr(self._results), self._results._repr_html_())


def _state(run: Run) -> str:
    if run.check is None:
        return state_name(run)
    return f"check {'passed' if run.check.ok else 'failed'}"


def _what(run: Run) -> str:
    if not run.ended:
        return f" in {run.worktree}" if run.worktree else ""
    if run.check is not None:
        return ""
    seconds = "" if run.seconds is None else f", {duration(run.seconds)}"
    problem = f": {run.problem}" if run.problem and run.state == "failed" else ""
    return f"{seconds}, {files_line(run)}{problem}"
