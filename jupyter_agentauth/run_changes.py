"""What a run changed in its worktree, told apart from what was changed before it began."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .errors import AgentAuthError
from .worktrees.changes import Changes
from .worktrees.service import WorktreeService

#: Of the names on git's command line and what stands around each, in bytes.
_MOST_NAMES, _AROUND_A_NAME = 500_000, 40

#: Of a file, as the disk has it: size, times in nanoseconds, inode. Of the times an agent can put
#: back the first one alone.
_Stamp = tuple[int, int, int, int] | None


@dataclass(frozen=True)
class RunStart:
    """A worktree when a run begins.

    Parameters
    ----------
    head : str
        Its commit; empty where there was none.
    changed : dict
        What differed from it then, and how the file looked.
    """

    path: str
    head: str
    changed: dict[str, _Stamp]


def look_at_start(worktrees: WorktreeService, path: str) -> RunStart | None:
    """Look at a worktree before a run; ``None`` where git cannot tell anything of it."""
    try:
        changes = worktrees.changes(path, "head")
    except AgentAuthError:
        return None
    names = {name for file in changes.files for name in (file.path, file.was) if name}
    return RunStart(path, changes.base or "", {name: _stamp(path, name) for name in names})


def changes_since(worktrees: WorktreeService, start: RunStart) -> Changes:
    """Compare a worktree with the commit that it had at a run's start.

    Its own commits are in it; what differed at the start and was not touched since is not.

    Raises
    ------
    AgentAuthError
    """
    stamps = sorted(start.changed.items())
    untouched = [name for name, stamp in stamps if _stamp(start.path, name) == stamp]
    return worktrees.changes(start.path, "head", start.head, tuple(_first_of(untouched)))


def _first_of(names: Iterable[str]) -> Iterator[str]:
    """Yield as many as git's command line can hold; the others are told as changed."""
    left = _MOST_NAMES
    for name in names:
        left -= len(os.fsencode(name)) + _AROUND_A_NAME
        if left < 0:
            return
        yield name


def _stamp(directory: str, name: str) -> _Stamp:
    try:
        status = os.lstat(os.path.join(directory, name))
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
