"""Merge a worktree's branch into another worktree's, with what is not committed yet.

::

    snapshot ──► on its branch ──► merge-tree ──► commit ──► files, index and branch
                                   in a git directory        of the target, which is refused
                                   of ours: a conflict       where something would be
                                   changes nothing           overwritten

Whatever ends it in between leaves a state from which it can be done again. What is merged are
files and commits alone: no hook, filter, driver, autostash or recorded resolution has a say in it.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from contextlib import suppress
from dataclasses import dataclass

from ..errors import Conflict, shown
from ..git.kept import Kept
from ..git.large import fill, store
from ..git.private import PrivateGit, private_git
from ..git.publish import commit_tree, locked_index, log_entry, publish, publish_index
from ..git.refs import HEADS
from ..git.repository import Registered, Repository, opened_worktree
from ..git.run import GitFailed
from ..git.verify import verify_difference
from .changes import ChangedFile, changed_files, named, problem
from .checkout import bring, check_room
from .filters import LARGE, Filters, kind_of
from .snapshot import Snapshot, git_failed, snapshot
from .status import differences

#: Left behind by what was begun and not ended, in a worktree's git directory.
_UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")

#: What `read-tree` says of a file that it would overwrite (2.39).
_IN_THE_WAY = re.compile(r"'(.*)' (?:would be overwritten|not uptodate)", re.DOTALL)


@dataclass(frozen=True)
class Applied:
    """The contract's object of ``POST worktrees/apply``.

    Parameters
    ----------
    warnings : tuple of str
        What was left out, or is not wholly there.
    """

    branch: str
    into: str
    target: str
    commit: str
    files: tuple[ChangedFile, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        files = [file.to_json() for file in self.files]
        return {**self.__dict__, "files": files, "warnings": list(self.warnings)}


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
    branch, onto = _branches(source, target)
    _check_finished(repository, source)
    try:
        with (
            opened_worktree(repository, target) as into,
            private_git(repository, target) as own,
        ):
            head = target.commit
            if head is None:
                raise GitFailed("it has no commit yet")
            own.read_tree(head)
            _check_clean(own, target)
            _check_finished(repository, target)
            with snapshot(repository, source, message or f"Work of an agent on {branch}") as taken:
                if own("rev-list", "--count", "-1", taken.commit, f"^{head}").strip() == "0":
                    raise _nothing(branch, onto)
                _advance(repository, source, branch, taken)
                left_out = problem(taken.held)
            merged = _merge(own, head, taken.commit, branch, onto)
            warnings = _forward(own, into, target, onto, head, merged)
            files = changed_files(own, head, merged)
    except (GitFailed, OSError) as error:
        raise git_failed(target.path, error) from None
    said = (*([left_out] if left_out else []), *warnings)
    return Applied(branch, onto, target.path, merged, tuple(files), said)


def _branches(source: Registered, target: Registered) -> tuple[str, str]:
    if source.main or source.path == target.path:
        raise Conflict(
            f"{shown(source.path)} is where others are merged into: name the worktree of an agent.",
            "main_worktree",
        )
    if source.branch is None:
        raise Conflict(
            f"{shown(source.path)} is in detached-HEAD state: `git switch -c NAME` there first.",
            "detached",
        )
    if target.branch is None:
        raise Conflict(
            f"{shown(target.path)} is in detached-HEAD state: `git switch` to one there first.",
            "target_detached",
        )
    return source.branch, target.branch


def _check_clean(own: PrivateGit, target: Registered) -> None:
    kept = Kept(target.path, own.repository.common)
    found = differences(own, target, kept, "--untracked-files=no")
    if found.index_problem:
        raise GitFailed(found.index_problem)
    # A file of a filter that is not run can differ without being changed.
    passed = {name for name, filter_ in found.filtered.items() if filter_ != LARGE}
    changed = sorted(found.names - passed)
    if changed:
        raise Conflict(
            f"{shown(target.path)} has changes of its own ({named(changed)}): commit or stash "
            "them first.",
            "target_dirty",
        )


def _check_finished(repository: Repository, worktree: Registered) -> None:
    """Refuse a worktree in which a merge, a rebase or the like waits for its end."""
    own = os.path.join(repository.common, worktree.entry)
    if any(os.path.lexists(os.path.join(own, name)) for name in _UNFINISHED):
        raise Conflict(
            f"A merge or rebase is in progress in {shown(worktree.path)}: `git status` there says "
            "how to end it.",
            "unfinished",
        )


def _nothing(branch: str, onto: str) -> Conflict:
    return Conflict(
        f"There is nothing to apply: {shown(onto)} has all of {shown(branch)}, and nothing else is "
        "in its worktree.",
        "nothing_to_apply",
    )


def _advance(repository: Repository, source: Registered, branch: str, taken: Snapshot) -> None:
    """Put a worktree's branch onto the snapshot of it."""
    if taken.commit == taken.head:
        return
    held = taken.held
    log = log_entry(held.own, "agentauth: apply")
    repository.refs.update(f"{HEADS}{branch}", taken.commit, taken.head, log)
    place = os.path.join(source.entry, "logs/HEAD")
    repository.refs.write_log(place, taken.head, taken.commit, log)
    # Its index alone: `git status` would tell of changes until then.
    with suppress(GitFailed):
        if not held.found.index_problem and not held.only_staged():
            with locked_index(repository, source):
                publish_index(held.own, source, held.found.absent)


def _merge(own: PrivateGit, head: str, commit: str, branch: str, onto: str) -> str:
    """Merge in git's data alone (git 2.38 and newer), and return the commit.

    Raises
    ------
    GitFailed, Conflict
    """
    place = own.scratch("attributes")
    # What the target says of its files (`-merge`, `merge=union`) holds.
    names = own("ls-files", "-z", ":(top,glob)**/.gitattributes").encode("utf-8", "surrogateescape")
    own("checkout-index", "-z", "--stdin", f"--prefix={place}/", stdin=names)
    command = ("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z")
    try:
        tree = own(*command, head, commit, directory=place).split("\0")[0].strip()
    except GitFailed as error:
        files = [name for name in os.fsdecode(error.output).split("\0")[1:] if name]
        if not files:
            raise
        raise Conflict(
            f"{shown(branch)} conflicts with {shown(own.worktree)} in {named(files)}: merge it by "
            f"hand with `git merge {shlex.quote(branch)}` there.",
            "merge_conflict",
        ) from None
    verify_difference(own, head, tree)
    merged = commit_tree(own, tree, (head, commit), f"Merge branch '{branch}' into {onto}\n")
    publish(own)
    return merged


def _forward(
    own: PrivateGit, into: int, target: Registered, onto: str, head: str, merged: str
) -> list[str]:
    """Bring files, index and branch of the target to a commit; return what is not wholly there."""
    log = log_entry(own, f"agentauth: apply {merged}")
    refs = own.repository.refs
    files = changed_files(own, head, merged)
    filters = Filters(own, {})
    filters.find_large_files()
    filters.pass_over_large_files(False)
    names = {name for file in files for name in (file.path, file.was) if name}
    touched = {name: filters.large[name] for name in sorted(names & filters.large.keys())}
    with (
        locked_index(own.repository, target),
        refs.moving(f"{HEADS}{onto}", merged, head, log),
    ):
        try:
            check_room(own, head, merged, touched)
        except GitFailed as error:
            found = _IN_THE_WAY.search(str(error))
            if found is None:
                raise
            raise Conflict(
                f"The merge would overwrite {shown(found[1])} in {shown(target.path)}: move what "
                "is in the way, and apply again.",
                "target_dirty",
            ) from None
        store(own, into, [name for name in touched if stat.S_ISREG(kind_of(into, name))])
        bring(own, into, head, merged)
        if not filters.large:  # They would all be read.
            with suppress(GitFailed):
                own("update-index", "-q", "--refresh")
        passed = filters.of(file.path for file in files if file.status != "deleted")
        missing = fill(own, into, [name for name in passed if passed[name] == LARGE])
        publish_index(own, target)
    refs.write_log(os.path.join(target.entry, "logs/HEAD"), head, merged, log)
    return filter_warnings(target.path, passed, missing)


def filter_warnings(path: str, passed: dict[str, str], missing: list[str]) -> list[str]:
    """Say which files of a checkout are as git keeps them, since their filter was not run."""
    where = f"git -C {shlex.quote(path)}"
    warnings = []
    if missing:
        warnings.append(
            f"{named(sorted(missing))}: only a pointer is there, since the repository does not "
            f"have the file: `{where} lfs pull` fetches it."
        )
    others = sorted({name for name in passed.values() if name != LARGE})
    if others:
        warnings.append(
            f"Filters were not run for this checkout ({', '.join(map(shown, others))}): "
            f"`rm FILE; {where} checkout -- FILE` runs them."
        )
    return warnings
