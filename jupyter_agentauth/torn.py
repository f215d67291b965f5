"""A file of JSON that others write with a plain ``open("w")``: it may be torn, or be anything.

What cannot be read is kept aside, under a name of its own, and nothing of it is lost.
"""

from __future__ import annotations

import json
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .hostfiles import create_once, file_version

#: Seconds in which a writer that has just emptied the file has filled it again.
_PATIENCE = 0.25

#: More than this is nobody's choices.
_LIMIT = 1_000_000


class Torn(Exception):
    """The file holds no object; says why, as the end of a sentence."""


class JsonFile:
    """One file of JSON.

    Parameters
    ----------
    path : Path
        What is kept aside gets its name with ``.torn`` and a number behind it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int, int] | None = None

    def read(self) -> dict[str, Any]:
        """Return the object; an empty one where there is no file.

        Waits a moment for a writer that is in the middle of it.

        Raises
        ------
        Torn
        """
        before, since = None, time.monotonic()
        while True:
            seen = _version(self.path)
            try:
                return _object(self.path)
            except Torn:
                if seen != before:
                    before, since = seen, time.monotonic()
                if seen == self._known or time.monotonic() > since + _PATIENCE:
                    self._known = seen
                    raise
            time.sleep(0.003)

    def move_aside(self) -> Path | None:
        """Move a file that cannot be read away; the caller holds a lock against its like.

        Returns
        -------
        Path or None
            Where it is now; ``None`` if it can be read.

        Raises
        ------
        OSError
        """
        try:
            self.read()
        except Torn:
            kept = self._free_name()
            os.rename(self.path, kept)
            # A writer that had it open all the time has finished it there.
            with suppress(Torn, OSError):
                if _object(kept):
                    os.link(kept, self.path)
                    kept.unlink()
                    return None
            return kept
        return None

    def copy_aside(self) -> None:
        """Keep a copy of what is there now.

        Raises
        ------
        OSError
        """
        create_once(self._free_name(), self.path.read_text(encoding="utf-8"))

    def kept(self) -> list[Path]:
        """Return what was kept aside."""
        try:
            return sorted(self.path.parent.glob(f"{self.path.name}.torn*"))
        except OSError:
            return []

    def _free_name(self) -> Path:
        number = 1
        while os.path.lexists(name := self.path.with_name(f"{self.path.name}.torn{_nth(number)}")):
            number += 1
        return name


def _nth(number: int) -> str:
    return "" if number == 1 else f".{number}"


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        return file_version(path)
    except OSError:
        return None


def _object(path: Path) -> dict[str, Any]:
    try:
        # Of a FIFO, opening would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Torn(f"cannot be read ({error.strerror})") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Torn("is no file")
        if status.st_size > _LIMIT:
            raise Torn("is too large")
        value = json.loads(os.read(descriptor, _LIMIT).decode())
    except (OSError, ValueError, RecursionError):
        raise Torn("cannot be read as JSON") from None
    finally:
        os.close(descriptor)
    if not isinstance(value, dict):
        raise Torn("cannot be read as JSON that holds an object")
    return value
