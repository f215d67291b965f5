"""What a run changed in its worktree, told apart from what was changed before it began."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import AgentAuthError
from .worktree_changes import Changes
from .worktree_service import WorktreeService

#: Of a file, as the disk has it: size, time in nanoseconds, inode.
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class RunStart:
    """A worktree when a run begins.

    Parameters
    ----------
    head : str or None
        Its commit.
    changed : dict
        What differed from it then, and how the file looked.
    """

    path: str
    head: str | None
    changed: dict[str, _Stamp]


def look_at_start(worktrees: WorktreeService, path: str) -> RunStart | None:
    """Look at a worktree before a run; ``None`` where git cannot tell anything of it."""
    try:
        changes = worktrees.changes(path, "head")
    except AgentAuthError:
        return None
    changed = {file.path: _stamp(path, file.path) for file in changes.files}
    return RunStart(path, changes.base, changed)


def changes_since(worktrees: WorktreeService, start: RunStart) -> Changes:
    """Compare a worktree with the commit that it had at a run's start.

    Its own commits are in it; what differed at the start and was not touched since is not.

    Raises
    ------
    AgentAuthError
    """
    untouched = [name for name, stamp in start.changed.items() if _stamp(start.path, name) == stamp]
    return worktrees.changes(start.path, "head", start.head, _sorted(untouched))


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _stamp(directory: str, name: str) -> _Stamp:
    try:
        status = os.lstat(os.path.join(directory, name))
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
