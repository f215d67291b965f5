"""Remove a git worktree: what would be lost, and what of it lies where.

Not by ``git worktree remove``: it gives up at the first file that it may not delete, and takes
``.git/worktrees`` away with the last worktree, whose mount running sessions then lose (git 2.39,
Docker 20.10).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import AgentAuthError, Conflict, shown
from ..git.repository import Registered, Repository, check_belongs, inside
from ..git.run import GitFailed, git
from ..nofollow import has_foreign_directories, parent_of, remove_tree
from .status import worktree_status

#: Seconds for looking through a big worktree.
_STATUS_SECONDS = 120


@dataclass(frozen=True)
class Removal:
    """A worktree that is to be removed, and may be."""

    repository: Repository
    path: str
    head: str | None

    @property
    def is_there(self) -> bool:
        """Whether its directory is."""
        return os.path.lexists(self.path)

    def unsaved(self) -> list[str]:
        """Say what would be lost: changed files, commits on no branch, submodules."""
        if not self.is_there:
            return []
        try:
            check_belongs(self.repository, self.path)
            return [found for found in (self._changes(), self._commits()) if found] + (
                ["submodules"] if self._has_submodules() else []
            )
        except GitFailed as failure:
            return [f"work that git cannot tell of ({failure})"]

    def remove(self, empty_as_root: Callable[[str], None]) -> None:
        """Remove its directory, and then it from the repository's list.

        Parameters
        ----------
        empty_as_root : callable
            Removes what is in a directory, whoever owns it.

        Raises
        ------
        Conflict
            It is still listed then.
        """
        try:
            if has_foreign_directories(self.path):
                empty_as_root(self.path)
            remove_tree(self.path)
            forget_registration(self.repository.common, self.path)
        except AgentAuthError as error:
            raise self._not_removed(error.message) from None
        except OSError as error:
            what = f"{shown(str(error.filename))}: {error.strerror}" if error.filename else error
            raise self._not_removed(f"{what}.") from None

    def _not_removed(self, why: str) -> Conflict:
        return Conflict(
            f"{shown(self.path)} could not be removed wholly: `sudo rm -r -- "
            f"{shlex.quote(self.path)}` does, and then remove it here again. ({why})",
            "not_removed",
        )

    def _changes(self) -> str:
        main = self.repository.worktrees[0].path
        changes = worktree_status(self.path, main, timeout=_STATUS_SECONDS)
        untracked = sum(entry.startswith("??") for entry in changes)
        counted = (
            _count(len(changes) - untracked, "changed file"),
            _count(untracked, "untracked file"),
        )
        return " and ".join(filter(None, counted))

    def _commits(self) -> str:
        if self.head is None or not self.head.strip("0"):
            return ""
        others = ("--branches", "--tags", "--remotes")
        commits = git(self.path, "rev-list", "--count", "HEAD", "--not", *others)
        return _count(int(commits), "commit", " on no branch")

    def _has_submodules(self) -> bool:
        own = git(self.path, "rev-parse", "--absolute-git-dir")
        return os.path.isdir(os.path.join(own, "modules"))


def check_removable(repository: Repository, worktree: Registered) -> Removal:
    """Return the removal of a worktree that can be removed at all.

    Raises
    ------
    Conflict
    """
    path = os.path.realpath(worktree.path)
    if worktree.main:
        raise Conflict(
            f"{shown(path)} is the main worktree, which holds the repository itself: only linked "
            "ones are removed here.",
            "main_worktree",
        )
    if worktree.locked is not None:
        why = f" ({shown(worktree.locked)})" if worktree.locked else ""
        raise Conflict(
            f"{shown(path)} is locked{why}: `git worktree unlock -- {shlex.quote(path)}` first.",
            "worktree_locked",
        )
    within = [w.path for w in repository.worktrees if inside(os.path.realpath(w.path), path)]
    others = [other for other in within if os.path.realpath(other) != path]
    if others or repository.holds_git_data(path):
        what = f"another worktree, {shown(others[0])}" if others else "the repository's git data"
        raise Conflict(f"{shown(path)} holds {what}: remove that first.", "worktree_not_empty")
    return Removal(repository, path, worktree.head)


def refuse(path: str, sessions: Sequence[str], unsaved: Sequence[str]) -> None:
    """Refuse a removal that nobody has insisted on, for what it would end or lose.

    Raises
    ------
    Conflict
        ``worktree_in_use`` or ``unsaved_work``.
    """
    lost = ", ".join(unsaved)
    if sessions:
        run = f"The session {sessions[0]} runs" if len(sessions) == 1 else "Sessions run"
        also = f", and it holds {lost}" if lost else ""
        raise Conflict(
            f"{run} in {shown(path)}{also}: stop what runs, or remove it with force, which stops "
            "it and discards what is there.",
            "worktree_in_use",
        )
    if lost:
        raise Conflict(
            f"{shown(path)} holds {lost}: commit or move what you need, or remove it with force, "
            "which discards it.",
            "unsaved_work",
        )


def forget_registration(common: str, path: str) -> None:
    """Take a worktree off a repository's list, whose directory is gone.

    Raises
    ------
    OSError
    """
    root = os.path.join(common, "worktrees")
    for name in os.listdir(root) if os.path.isdir(root) else ():
        if _pointer(common, name) == os.path.join(path, ".git"):
            remove_tree(os.path.join(root, name))


def _pointer(common: str, name: str) -> str | None:
    try:
        with parent_of(common, f"worktrees/{name}/gitdir") as (directory, file_name):
            descriptor = os.open(file_name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=directory)
            with open(descriptor, "rb") as file:
                pointer = os.fsdecode(file.read().removesuffix(b"\n"))
    except OSError:
        return None
    # Git 2.48 can write it relative to the directory that it stands in.
    directory_path = os.path.dirname(os.path.join(common, "worktrees", name, pointer))
    return os.path.join(os.path.realpath(directory_path), ".git")


def _count(number: int, what: str, behind: str = "") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}{behind}" if number else ""
