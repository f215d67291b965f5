"""Merge a worktree's branch into another worktree's, with what is not committed yet.

::

    snapshot ──► on its branch ──► merge-tree ──► commit ──► fast forward
    worktree_     update-ref       in git's data             in the target, which git
    snapshot.py                    alone: a conflict         refuses where something
                                   changes nothing           would be overwritten

Whatever ends it in between leaves a state from which it can be done again. Nothing that an
agent may have written is run: no hook, no filter and no merge driver that is a file of the
worktree or of its commits.
"""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass

from ..errors import Conflict, shown
from ..git.repository import Registered, Repository, check_belongs
from ..git.run import GitFailed, git
from ..own_filters import merge_environment
from .changes import ChangedFile, parse_changes
from .snapshot import SECONDS, commit_tree, git_failed, snapshot
from .status import worktree_status

#: How many files a sentence names.
_NAMED = 5

#: Left behind by what was begun and not ended, in a worktree's git directory.
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


@dataclass(frozen=True)
class Applied:
    """The contract's object of ``POST worktrees/apply``."""

    branch: str
    into: str
    target: str
    commit: str
    files: tuple[ChangedFile, ...]

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {**self.__dict__, "files": [file.to_json() for file in self.files]}


def apply_worktree(
    repository: Repository, source: Registered, target: Registered, message: str | None
) -> Applied:
    """Commit what is in a worktree, and merge its branch.

    Parameters
    ----------
    source, target : Registered
    message : str or None
        Of the commit of what was not committed yet.

    Raises
    ------
    Conflict
        The target is as it was then.
    """
    path, into = os.path.realpath(source.path), os.path.realpath(target.path)
    branch, onto = _branches(source, target)
    _check_finished(path)
    _check_clean(repository, into)
    taken = snapshot(repository, path, message or f"Work of an agent on {branch}")
    try:
        head = git(into, "rev-parse", "--verify", f"refs/heads/{onto}^{{commit}}")
        if _is_in(into, taken.commit, head):
            raise Conflict(
                f"There is nothing to apply: {shown(onto)} has all of {shown(branch)}, and nothing "
                "else is in its worktree.",
                "nothing_to_apply",
            )
        if taken.commit != taken.head:
            _advance(path, branch, taken.head, taken.commit)
        environment = merge_environment(repository, (path, into), taken.commit, onto)
        tree = _merged_tree(into, head, taken.commit, environment, branch)
        words = f"Merge branch '{branch}' into {onto}\n"
        merged = commit_tree(into, tree, (head, taken.commit), words)
        _forward(into, merged, environment)
        files = _files(into, head, merged)
    except GitFailed as error:
        raise git_failed(into, error) from None
    return Applied(branch, onto, into, merged, files)


def _branches(source: Registered, target: Registered) -> tuple[str, str]:
    if source.main or source.path == target.path:
        raise Conflict(
            f"{shown(source.path)} is where others are merged into: name the worktree of an agent.",
            "main_worktree",
        )
    if source.branch is None:
        raise Conflict(
            f"{shown(source.path)} is on no branch: `git switch -c NAME` there first.", "detached"
        )
    if target.branch is None:
        raise Conflict(
            f"{shown(target.path)} is on no branch: `git switch` to one there first.",
            "target_detached",
        )
    return source.branch, target.branch


def _check_clean(repository: Repository, into: str) -> None:
    try:
        check_belongs(repository, into)
        main = repository.worktrees[0].path
        entries = worktree_status(into, main, timeout=SECONDS)
    except GitFailed as error:
        raise git_failed(into, error) from None
    changed = [entry[3:] for entry in entries if not entry.startswith("??")]
    if changed:
        raise Conflict(
            f"{shown(into)} has changes of its own ({_named(changed)}): commit or stash them "
            "first.",
            "target_dirty",
        )
    _check_finished(into)


def _check_finished(path: str) -> None:
    """Refuse a worktree in which a merge, a rebase or the like waits for its end."""
    try:
        own = git(path, "rev-parse", "--absolute-git-dir")
    except GitFailed as error:
        raise git_failed(path, error) from None
    if any(os.path.lexists(os.path.join(own, name)) for name in _UNFINISHED):
        raise Conflict(
            f"Something was begun in {shown(path)} and not ended: `git status` there says what.",
            "unfinished",
        )


def _is_in(path: str, commit: str, head: str) -> bool:
    try:
        git(path, "merge-base", "--is-ancestor", commit, head)
    except GitFailed as error:
        if error.words.strip():
            raise
        return False
    return True


def _advance(path: str, branch: str, old: str, new: str) -> None:
    """Put a worktree's branch onto the snapshot of it."""
    git(path, "update-ref", "-m", "agentauth: apply", f"refs/heads/{branch}", new, old)
    with suppress(GitFailed):  # Its index alone: `git status` would tell of changes until then.
        git(path, "read-tree", new, timeout=SECONDS)


def _merged_tree(
    into: str, head: str, commit: str, environment: dict[str, str], branch: str
) -> str:
    """Merge in git's data alone (git 2.38 and newer).

    Raises
    ------
    GitFailed, Conflict
    """
    command = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z")
    try:
        listing = git(into, *command, head, commit, timeout=SECONDS, environment=environment)
        return listing.split("\0")[0]
    except GitFailed as error:
        files = [name for name in error.output.split("\0")[1:] if name]
        if not files:
            raise
    raise Conflict(
        f"{shown(branch)} conflicts with {shown(into)} in {_named(files)}: merge it by hand with "
        f"`git merge {shlex.quote(branch)}` there.",
        "merge_conflict",
    )


def _forward(into: str, merged: str, environment: dict[str, str]) -> None:
    options = (
        "-c", "merge.verifySignatures=false", "-c", "merge.autoStash=false",
        "-c", "submodule.recurse=false",
    )  # fmt: skip
    try:
        git(
            into, *options, "merge", "--quiet", "--ff-only", "--no-stat", merged,
            timeout=SECONDS, environment=environment,
        )  # fmt: skip
    except GitFailed as error:
        files = [line.strip() for line in error.words.splitlines() if line.startswith("\t")]
        if not files:
            raise  # Somebody's own git is at work there, and holds its lock.
        raise Conflict(
            f"The merge would overwrite {_named(files)} in {shown(into)}: move what is in the way, "
            "and apply again.",
            "target_dirty",
        ) from None


def _files(into: str, old: str, new: str) -> tuple[ChangedFile, ...]:
    with suppress(GitFailed):
        listing = git(
            into, "-c", "core.quotePath=false", "diff-tree", "-r", "--find-renames",
            "--no-ext-diff", "--no-textconv", "--raw", "--numstat", "-z", old, new,
            timeout=SECONDS,
        )  # fmt: skip
        return tuple(parse_changes(listing, True))
    return ()


def _named(files: list[str]) -> str:
    names = ", ".join(shown(name) for name in files[:_NAMED])
    rest = len(files) - _NAMED
    return f"{names} and {rest} more" if rest > 0 else names
