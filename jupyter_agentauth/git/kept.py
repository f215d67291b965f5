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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from ..nofollow import identity

#: Of worktrees that nobody has looked at for so long, nothing is kept.
_DAYS = 30


@contextmanager
def checkouts() -> Iterator[str]:
    """Make a directory for a checkout, which no container has mounted; it goes with the block."""
    root = Path(jupyter_data_dir(), "agentauth-git")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="checkout-", dir=root) as path:
        yield path


class Kept:
    """What is kept of one worktree, for as long as it is the same directory.

    Parameters
    ----------
    path : str
        The worktree's real path.
    common : str
        Its repository's git directory.
    """

    def __init__(self, path: str, common: str) -> None:
        name = repr((path, identity(path)[:2], common, identity(common)[:2]))
        key = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
        self._directory = Path(jupyter_data_dir(), "agentauth-git", key)

    def take_index(self, index: str) -> bool:
        """Put the index that is kept where git is to find it; whether there is one."""
        with suppress(OSError):
            # With its time: git looks again at files that changed at the same moment.
            shutil.copy2(self._directory / "index", index)
            return True
        return False

    def keep_index(self, index: str) -> None:
        """Keep an index for the next look."""
        self._make()
        temporary = self._directory / f"index.{os.getpid()}.{time.monotonic_ns()}"
        with suppress(OSError):
            shutil.copy2(index, temporary)
            os.replace(temporary, self._directory / "index")

    def hashes(self) -> dict[str, Any]:
        """Return the hashes of large files that are kept."""
        with suppress(OSError, ValueError):
            return dict(json.loads((self._directory / "large.json").read_text()))
        return {}

    def keep_hashes(self, hashes: dict[str, Any]) -> None:
        """Keep hashes of large files."""
        self._make()
        temporary = self._directory / f"large.{os.getpid()}.{time.monotonic_ns()}"
        with suppress(OSError):
            temporary.write_text(json.dumps(hashes))
            os.replace(temporary, self._directory / "large.json")

    def _make(self) -> None:
        if self._directory.is_dir():
            with suppress(OSError):
                os.utime(self._directory)
            return
        with suppress(OSError):
            self._directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._directory.mkdir(mode=0o700)
            oldest = time.time() - _DAYS * 86400
            for other in self._directory.parent.iterdir():
                if other.stat().st_mtime < oldest:
                    shutil.rmtree(other, ignore_errors=True)
