"""Drop a worktree and its branch, and keep all that was in them under a reference.

The reference is made first. Then the worktree is removed, and at last its branch: whatever ends
it in between, all of it can still be had.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..errors import Conflict, shown
from ..git.repository import Repository
from ..git.run import GitFailed, git
from .remove import Removal
from .snapshot import git_failed, snapshot

#: Git keeps what a reference names.
_KEPT = "refs/agentauth/discarded/"


@dataclass(frozen=True)
class Discarded:
    """The contract's object of ``POST worktrees/discard``.

    Parameters
    ----------
    branch : str
        The worktree's, or its directory's name where it was on none.
    restore : str
        A shell command that brings worktree and branch back.
    """

    branch: str
    kept: str
    commit: str
    restore: str

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return dict(self.__dict__)


def discard_worktree(
    removal: Removal, branch: str | None, remove: Callable[[], object]
) -> Discarded:
    """Keep what is in a worktree, and remove it and its branch.

    Parameters
    ----------
    branch : str or None
        The worktree's.
    remove : callable
        Removes the worktree.

    Raises
    ------
    Conflict
        Nothing is lost then.
    """
    repository, path = removal.repository, removal.path
    name = branch or _plain(os.path.basename(path))
    head, commit, tree = _held(removal, name)
    try:
        kept = _keep(repository, name, commit)
    except GitFailed as error:
        raise git_failed(path, error) from None
    try:
        if tree is not None and _held(removal, name)[2] != tree:
            raise Conflict(
                f"Something writes in {shown(path)}: stop it, and discard the worktree again.",
                "worktree_in_use",
            )
        remove()
    except BaseException:
        if os.path.lexists(path):
            with suppress(GitFailed):
                _git(repository, "update-ref", "-d", kept, commit)
        raise
    if branch is not None:
        with suppress(GitFailed):  # One that got another commit meanwhile stays.
            _git(repository, "update-ref", "-d", f"refs/heads/{branch}", head)
    main = repository.main
    where = ("-C", main.path) if main is not None else (f"--git-dir={repository.common}",)
    words = ("git", *where, "worktree", "add", "-b", name, path, kept)
    return Discarded(name, kept, commit, shlex.join(words))


def _held(removal: Removal, name: str) -> tuple[str, str, str | None]:
    """Return a worktree's commit, one of all that is in it, and the tree of that.

    Of a directory that is gone, its commit is all.
    """
    if not removal.is_there:
        if removal.head is None or not removal.head.strip("0"):
            raise Conflict(
                f"{shown(removal.path)} is gone and has no commit: remove it.", "git_failed"
            )
        return removal.head, removal.head, None
    taken = snapshot(removal.repository, removal.path, f"What was discarded of {name}")
    lost = [*taken.nested, *(found for found in removal.unsaved() if found == "submodules")]
    if lost:
        what = ", ".join(shown(found) for found in lost)
        raise Conflict(
            f"{shown(removal.path)} holds repositories of their own ({what}), which would be lost: "
            "move them, or remove the worktree with force.",
            "unsaved_work",
        )
    return taken.head, taken.commit, taken.tree


def _plain(name: str) -> str:
    """Return a directory's name as a branch can have it."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "worktree"


def _keep(repository: Repository, name: str, commit: str) -> str:
    """Make a reference to the commit, under the first name that is free."""
    plain = name.replace("/", "-")
    number = 1
    while True:
        reference = f"{_KEPT}{plain}" if number == 1 else f"{_KEPT}{plain}-{number}"
        taken = git(repository.directory, "for-each-ref", "--format=%(objectname)", "--", reference)
        if not taken:
            zero = "0" * len(commit)
            _git(repository, "update-ref", reference, commit, zero)
            return reference
        number += 1


def _git(repository: Repository, *arguments: str) -> str:
    """Run git on the repository itself: its worktree may be gone by then."""
    environment = {"GIT_DIR": repository.common}
    return git(os.path.dirname(repository.common), *arguments, environment=environment)
