"""What there is to choose from for a new worktree: branches, and files to carry along."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from ..errors import Conflict, shown
from ..git.paths import inside
from ..git.private import private_git
from ..git.refs import HEADS
from ..git.repository import Repository
from ..git.run import GitFailed
from ..nofollow import identity

#: Ignored files that are named at most.
_MOST_IGNORED = 200

#: A directory with more in it is not added up.
_MOST_ENTRIES = 5000

_SECONDS = 120


def choices(repository: Repository, path: str, directory: str) -> dict[str, object]:
    """Return the contract's object of ``GET worktrees/choices``.

    Parameters
    ----------
    path : str
        Of the worktree that was asked for, whose branch is the current one.
    directory : str
        Where new worktrees lie unless somebody says otherwise.

    Raises
    ------
    Conflict
    """
    try:
        branches = sorted(ref for ref in repository.refs.all() if ref.startswith(HEADS))
        current = repository.worktree(path)
        return {
            "branches": [branch.removeprefix(HEADS) for branch in branches],
            "current": current.branch if current else None,
            "checked_out": [w.branch for w in repository.worktrees if w.branch],
            "directory": directory,
            "ignored": _ignored(repository),
        }
    except GitFailed as failure:
        raise Conflict(
            f"What is in {shown(path)} can't be determined: {failure}.",
            "git_failed",
        ) from None


def _ignored(repository: Repository) -> list[dict[str, object]]:
    if repository.main is None or not os.path.isdir(repository.main.path):
        return []
    main = repository.main.path
    with private_git(repository, repository.main) as own:
        own.read_tree(repository.main.commit)
        listing = own(
            "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z",
            timeout=_SECONDS,
        )  # fmt: skip
    found: list[dict[str, object]] = []
    for entry in listing.split("\0"):
        path = entry.removesuffix("/")
        if path and len(found) < _MOST_IGNORED and "\n" not in path:
            kind = _kind(repository, main, path)
            if kind is not None:
                is_directory = stat.S_ISDIR(kind.st_mode)
                size = _size(os.path.join(main, path)) if is_directory else kind.st_size
                found.append({"path": path, "directory": is_directory, "size": size})
    return found


def _kind(repository: Repository, main: str, path: str) -> os.stat_result | None:
    """Look at something that could be carried along; ``None`` for what cannot."""
    whole = os.path.join(main, path)
    worktrees = [worktree.path for worktree in repository.linked]
    if repository.holds_git_data(whole) or ".git" in path.lower().split("/"):
        return None
    if any(inside(worktree, whole) for worktree in worktrees):
        return None
    try:
        identity(whole)
        status = os.lstat(whole)
    except OSError:
        return None
    if stat.S_ISLNK(status.st_mode):
        return status if inside(os.path.realpath(whole), main) else None
    return status if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode) else None


def _size(directory: str) -> int | None:
    """Add up the files of a directory; ``None`` when that takes long."""
    size, seen, left = 0, 0, [directory]
    while left:  # Of any depth, which `os.walk` does not take (Python 3.11).
        with suppress(OSError), os.scandir(left.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > _MOST_ENTRIES:
                    return None
                if entry.is_dir(follow_symlinks=False):
                    left.append(entry.path)
                else:
                    size += entry.stat(follow_symlinks=False).st_size
    return size
