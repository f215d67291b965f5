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
from ..git.private import private_git
from ..git.publish import log_entry
from ..git.refs import HEADS, Log
from ..git.repository import Registered, Repository
from ..git.run import GitFailed
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
    branch_kept : bool
        Whether that branch is there still: it was not made for this worktree.
    restore : str
        A shell command that brings worktree and branch back.
    """

    branch: str
    branch_kept: bool
    kept: str
    commit: str
    restore: str

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return dict(self.__dict__)


def discard_worktree(removal: Removal, made: str | None, remove: Callable[[], object]) -> Discarded:
    """Keep what is in a worktree, and remove it and its branch.

    Parameters
    ----------
    made : str or None
        The branch that was made for the worktree: no other is deleted.
    remove : callable
        Removes the worktree.

    Raises
    ------
    Conflict
        Nothing is lost then.
    """
    repository, worktree, path = removal.repository, removal.worktree, removal.path
    name = worktree.branch or _plain(os.path.basename(path))
    commit, tree = _held(removal, name)
    try:
        with private_git(repository) as own:
            log = log_entry(own, f"agentauth: discard {name}")
        kept = _keep(repository, name, commit, log)
    except GitFailed as error:
        raise git_failed(path, error) from None
    try:
        if tree is not None and _held(removal, name)[1] != tree:
            raise Conflict(
                f"Something writes in {shown(path)}: stop it, and discard the worktree again.",
                "worktree_in_use",
            )
        remove()
    except BaseException:
        if os.path.lexists(path):
            with suppress(GitFailed):
                repository.refs.delete(kept, commit)
        raise
    stays = worktree.branch is not None and not _is_deleted(repository, worktree, made)
    main = repository.main
    where = ("-C", main.path) if main is not None else (f"--git-dir={repository.common}",)
    how = ("--detach",) if stays else ("-b", name)
    words = ("git", *where, "worktree", "add", *how, path, kept)
    return Discarded(name, stays, kept, commit, shlex.join(words))


def _is_deleted(repository: Repository, worktree: Registered, made: str | None) -> bool:
    """Delete a worktree's branch, if it was made for it and nobody else has it."""
    others = {w.branch for w in repository.worktrees if w.path != worktree.path}
    if worktree.branch != made or worktree.branch in others or worktree.commit is None:
        return False
    with suppress(GitFailed):  # One that got another commit meanwhile stays.
        repository.refs.delete(f"{HEADS}{worktree.branch}", worktree.commit)
        return True
    return False


def _held(removal: Removal, name: str) -> tuple[str, str | None]:
    """Return a commit of all that is in a worktree, and its tree.

    Of a directory that is gone, its commit is all.
    """
    worktree = removal.worktree
    if removal.identity is None:
        if worktree.commit is None:
            raise Conflict(
                f"{shown(removal.path)} is gone and has no commit: remove it.", "git_failed"
            )
        return worktree.commit, None
    words = f"What was discarded of {name}"
    with snapshot(removal.repository, worktree, words, whole=True) as taken:
        found = taken.held.found
        if found.index_problem is not None:
            raise git_failed(removal.path, GitFailed(found.index_problem))
        unread = sorted(taken.held.left_out)
        if unread:
            raise Conflict(
                f"{shown(unread[0])} in {shown(removal.path)} can't be read, and would be lost: "
                "move it, or remove the worktree with force.",
                "unsaved_work",
            )
        lost = [*taken.nested, *(["submodules"] if removal.has_submodules() else [])]
        commit, tree = taken.commit, taken.held.tree
    if lost:
        what = ", ".join(shown(found) for found in lost)
        raise Conflict(
            f"{shown(removal.path)} holds repositories of their own ({what}), which would be lost: "
            "move them, or remove the worktree with force.",
            "unsaved_work",
        )
    return commit, tree


def _plain(name: str) -> str:
    """Return a directory's name as a branch can have it."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "worktree"


def _keep(repository: Repository, name: str, commit: str, log: Log) -> str:
    """Make a reference to the commit, under the first name that is free."""
    plain, refs, number = name.replace("/", "-"), repository.refs, 1
    while True:
        reference = f"{_KEPT}{plain}" if number == 1 else f"{_KEPT}{plain}-{number}"
        if refs.get(reference) is None:
            refs.update(reference, commit, None, log)
            return reference
        number += 1
