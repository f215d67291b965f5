"""An agent's dialogue, as a user sees it and types into it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import pyte
from terminal_client import Screen
from waiting import DEADLINE

_ROWS, _COLUMNS = 32, 100


class Terminal:
    """A command in a terminal of its own; it ends with the ``with`` block.

    Parameters
    ----------
    argv : list of str
    """

    def __init__(self, argv: list[str]) -> None:
        self._screen = Screen(_COLUMNS, _ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.terminate()  # Then `run` stops its container.
        while self._read(1.0):
            pass
        self._process.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        """Type a text."""
        os.write(self._master, text.encode())

    def answer(self, answers: Mapping[str, str], done: Callable[[], bool]) -> None:
        """Answer what is on the screen, and again while nothing comes of it.

        A field just drawn may not listen yet, or be drawn anew, and Gemini CLI 0.61.0 takes
        an Enter that follows other keys at once for a part of what is pasted.

        Parameters
        ----------
        answers : mapping of str to str
            What is seen, and what is typed then; the first that is seen counts.
        done : callable
            Whether the dialogue has come to its end.
        """
        end = time.monotonic() + DEADLINE
        self.until(lambda: any(seen in self.screen for seen in answers))
        while not done():
            assert time.monotonic() < end, f"not to its end\n{self.screen}"
            before = self.screen
            text = next((text for seen, text in answers.items() if seen in before), "")
            self.type(text)
            with suppress(AssertionError):
                self.until(lambda before=before: done() or self.screen != before, seconds=1)

    def until(self, seen: str | Callable[[], bool], seconds: float = DEADLINE) -> None:
        """Read until the screen shows a text, or until a condition holds.

        Raises
        ------
        AssertionError
            With the screen as it was when the time was over or the command ended.
        """
        there = seen if callable(seen) else (lambda: seen in self.screen)
        end = time.monotonic() + seconds
        alive = True
        while not there():
            assert alive, f"it ended before {seen!r}\n{self.screen}"
            assert time.monotonic() < end, f"not on the screen: {seen!r}\n{self.screen}"
            alive = self._read(0.1)

    def until_ended(self, seconds: float = DEADLINE) -> int:
        """Read until the command ends; return its exit code."""
        end = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < end, f"it goes on\n{self.screen}"
        return self._process.wait()

    @property
    def screen(self) -> str:
        """What a user sees now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _read(self, seconds: float) -> bool:
        """Take what came; whether more can come."""
        if not select.select([self._master], [], [], seconds)[0]:
            return self._process.poll() is None
        try:
            content = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other side is closed.
            return False
        self._stream.feed(content)
        return bool(content)
