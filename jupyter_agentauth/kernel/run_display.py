"""A run's output while it runs: one display that is updated, also after its cell has ended.

A kernel's output is replaced as a whole, not more often than a page can draw it, from a thread
of its own, so that neither a fast agent nor a slow page holds the other up. A plain console can
only be added to: there the text is printed as it comes.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

from .console_display import ConsoleDisplay
from .page_output import ReplacedOutput
from .run_html import run_html
from .run_text import run_text
from .transcript import Transcript
from .work import in_thread

if TYPE_CHECKING:
    from .run import Run

#: Seconds between two updates, and how often the time goes on where nothing else happens: an
#: update closes what the reader had unfolded.
_AT_LEAST, _AT_MOST = 0.2, 5.0

#: The part of the time that making an update may take, and the characters a second that it may
#: send. jupyter_server 2.21 drops outputs of more than 1 MB/s, of all cells of a kernel together.
_SHARE, _RATE = 0.25, 200_000


class _Display(Protocol):
    def update(self) -> None: ...

    def close(self) -> None: ...


class RunDisplay:
    """Shows a run in the output of the cell that makes this.

    Parameters
    ----------
    run : Run
    name : str
        The variable that holds it, for sentences that say where the rest is.
    """

    def __init__(self, run: Run, name: str = "run") -> None:
        self._shown: _Display = ConsoleDisplay(run, name) if in_console() else _Updated(run, name)

    def update(self, *_: object) -> None:
        """Show what is new soon, or at once when the run has ended."""
        self._shown.update()

    def close(self) -> None:
        """Show how it stands, a last time."""
        self._shown.close()


class _Updated:
    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name
        self._said = Transcript()
        self._changed, self._ended = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._output = ReplacedOutput(*self._shown())
        in_thread(self._keep_shown, f"agent run {run.id}: output")

    def update(self) -> None:
        if self._run.ended:
            self.close()
        else:
            self._changed.set()

    def close(self) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._ended.set()
            self._changed.set()
            self._output.replace(*self._shown())

    def _keep_shown(self) -> None:
        while not self._ended.is_set():
            self._changed.wait(_AT_MOST)
            self._changed.clear()
            began = time.monotonic()
            with self._lock:
                if self._ended.is_set():
                    return
                shown = self._shown()
                self._output.replace(*shown)
            took = time.monotonic() - began
            self._ended.wait(max(_AT_LEAST, took / _SHARE - took, sum(map(len, shown)) / _RATE))

    def _shown(self) -> tuple[str, str]:
        self._said.read(self._run.events)
        return (
            run_text(self._run, said=self._said, name=self._name),
            run_html(self._run, said=self._said, name=self._name),
        )


def in_console() -> bool:
    """Whether outputs are only added to: there is no notebook."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    terminal = sys.modules.get("IPython.terminal.interactiveshell")
    return shell is None or (
        terminal is not None and isinstance(shell, terminal.TerminalInteractiveShell)
    )
