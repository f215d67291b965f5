"""What there is to choose from for a new worktree: branches, and files to carry along."""

from __future__ import annotations

import os
import stat

from ..errors import Conflict, shown
from ..git.repository import Repository, inside
from ..git.run import GitFailed, git
from ..nofollow import identity
from .status import worktree_status

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
        refs = git(repository.directory, "for-each-ref", "--format=%(refname)", "refs/heads/")
        current = repository.worktree(path)
        return {
            "branches": [ref.removeprefix("refs/heads/") for ref in refs.split("\n") if ref],
            "current": current.branch if current else None,
            "checked_out": [w.branch for w in repository.worktrees if w.branch and not w.bare],
            "directory": directory,
            "ignored": _ignored(repository),
        }
    except GitFailed as failure:
        raise Conflict(
            f"Git cannot look through {shown(path)} ({failure}): look there with `git status`.",
            "git_failed",
        ) from None


def _ignored(repository: Repository) -> list[dict[str, object]]:
    if repository.main is None or not os.path.isdir(repository.main.path):
        return []
    main = os.path.realpath(repository.main.path)
    options = ("--ignored=traditional", "--untracked-files=normal")
    found: list[dict[str, object]] = []
    for entry in worktree_status(main, main, *options, timeout=_SECONDS):
        path = entry[3:].removesuffix("/")
        if entry.startswith("!! ") and len(found) < _MOST_IGNORED and "\n" not in path:
            kind = _kind(repository, main, path)
            if kind is not None:
                is_directory = stat.S_ISDIR(kind.st_mode)
                size = _size(os.path.join(main, path)) if is_directory else kind.st_size
                found.append({"path": path, "directory": is_directory, "size": size})
    return found


def _kind(repository: Repository, main: str, path: str) -> os.stat_result | None:
    """Look at something that could be carried along; ``None`` for what cannot."""
    whole = os.path.join(main, path)
    worktrees = [os.path.realpath(w.path) for w in repository.worktrees if not w.main]
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
    size, seen = 0, 0
    for path, _, files in os.walk(directory):
        for name in files:
            seen += 1
            if seen > _MOST_ENTRIES:
                return None
            try:
                size += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return size
