"""What we keep of a worktree from one look to the next: our index of it, in Jupyter's data.

The index says which files were the same at the last look and how the disk had them. An agent can
put back a file's time of modification, but not its time of change. Only numbers in lists go by
it; whatever is decided (a review, a merge, a removal) reads every file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from ..nofollow import identity, temporary_directory

#: Of worktrees that nobody has looked at for so long, nothing is kept.
_DAYS = 30


@contextmanager
def checkouts() -> Iterator[str]:
    """Make a directory for a checkout, which no container has mounted; it goes with the block."""
    root = Path(jupyter_data_dir(), "agentauth-git")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with temporary_directory("checkout-", str(root)) as path:
        yield path


class Kept:
    """What is kept of one worktree, for as long as it is the same directory.

    Parameters
    ----------
    path : str
        The worktree's real path.
    common : str
        Its repository's git directory.

    Attributes
    ----------
    facts : dict
        What else was found, by name; changed freely, and kept by `keep`.
    """

    def __init__(self, path: str, common: str) -> None:
        name = repr((path, identity(path)[:2], common, identity(common)[:2]))
        key = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
        self._directory = Path(jupyter_data_dir(), "agentauth-git", key)
        self.facts: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self.facts = dict(json.loads((self._directory / "facts.json").read_text()))

    def take_index(self, index: str) -> bool:
        """Put the index that is kept where git is to find it; whether there is one."""
        with suppress(OSError):
            # With its time: git looks again at files that changed at the same moment.
            shutil.copy2(self._directory / "index", index)
            return True
        return False

    def keep(self, index: str | None = None) -> None:
        """Keep the facts, and an index, for the next look."""
        with suppress(OSError):
            self._make()
            self._write("facts.json", lambda path: path.write_text(json.dumps(self.facts)))
            if index is not None:
                self._write("index", lambda path: shutil.copy2(index, path))

    def _write(self, name: str, write: Callable[[Path], object]) -> None:
        with tempfile.TemporaryDirectory(dir=self._directory) as place:
            write(Path(place, name))
            os.replace(Path(place, name), self._directory / name)

    def _make(self) -> None:
        if self._directory.is_dir():
            os.utime(self._directory)
            return
        root = self._directory.parent
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.mkdir(mode=0o700, exist_ok=True)
        oldest = time.time() - _DAYS * 86400
        for other in root.iterdir():
            if other.stat().st_mtime < oldest:
                shutil.rmtree(other, ignore_errors=True)
