"""The build of the agent image, whoever began it, line by line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any

from .errors import AgentError
from .panel_state import Build

#: Opens the stream of a build's lines.
Lines = Callable[[], Generator[dict[str, Any], None, None]]

#: In seconds.
_MOMENT = 5.0


class BuildFollower:
    """Follow one build at a time, in the caller's thread.

    Parameters
    ----------
    changed : callable
        Told what the build is after each line; ``None`` when none runs and nobody saw its end.
    """

    def __init__(self, changed: Callable[[Build | None], None]) -> None:
        self._changed = changed
        self._following = threading.Lock()
        self._stopped = False

    @property
    def follows(self) -> bool:
        """Whether a build is followed now."""
        return self._following.locked()

    def stop(self) -> None:
        """Let go of the build at its next line; it goes on while anybody else reads it."""
        self._stopped = True

    def join(self, lines: Lines) -> None:
        """Follow the build that runs, if one does and it is not followed yet."""
        if self._following.acquire(blocking=False):
            try:
                self._read(lines, None)
            except AgentError:
                self._changed(None)  # The server is gone; the state says so.
            finally:
                self._following.release()

    def begin(self, lines: Lines) -> None:
        """Begin a build, and follow it to its end.

        Raises
        ------
        AgentError
            When it cannot begin, or its server is gone.
        """
        # To hear that no build runs takes a moment; one that does is shown already.
        if not self._following.acquire(timeout=_MOMENT):
            return
        try:
            self._changed(Build())
            self._read(lines, Build())
        except AgentError:
            self._changed(None)
            raise
        finally:
            self._following.release()

    def _read(self, lines: Lines, build: Build | None) -> None:
        with closing(lines()) as stream:
            for line in stream:
                if self._stopped:
                    return
                build = (build or Build()).after(line)
                self._changed(build)
        if build is not None and build.state == "running":
            self._changed(None)
