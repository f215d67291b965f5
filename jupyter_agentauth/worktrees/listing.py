"""The worktrees that there are, and how many files of each differ from its last commit."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace

from ..git.kept import Kept
from ..git.private import private_git
from ..git.repository import (
    Registered,
    Repository,
    opened_worktree,
    read_repository,
    repositories,
    repository_directory,
)
from ..git.run import GitFailed, TooLong
from ..plain_directories import is_agents
from .filters import LARGE
from .status import differences

#: How long one look may take; the first reads every file.
_SECONDS, _FIRST_SECONDS = 10, 60

#: After a look that took too long, or too much memory, so many times as long none is taken: an
#: agent's patterns can take git as long as they like.
_REST = 5

#: Looks at the same time: git itself uses several processors.
_AT_ONCE = 4

#: How long a list waits for them; what comes later is in the next one.
_LIST_SECONDS = 5

#: The problem of a worktree that is still being looked at.
PENDING = "It is still being determined what changed."

_threads = ThreadPoolExecutor(_AT_ONCE, "agentauth-looks")

#: Looks that a list did not wait for to their end, by path.
_late: dict[str, Future[ListedWorktree]] = {}


@dataclass(frozen=True)
class ListedWorktree:
    """One worktree of a repository, as `list_worktrees` finds it.

    Parameters
    ----------
    changes : int or None
        ``None`` where that can't be determined.
    problem : str or None
        What can't be determined, and why.
    """

    path: str
    repo: str
    branch: str | None
    head: str | None
    main: bool
    changes: int | None
    problem: str | None = None

    def to_json(self, sessions: Iterable[str] = ()) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "path": self.path,
            "repo": self.repo,
            "branch": self.branch,
            "head": self.head,
            "main": self.main,
            "changes": self.changes,
            "problem": self.problem,
            "sessions": list(sessions),
        }


def list_worktrees(root: str, depth: int = 2) -> list[ListedWorktree]:
    """List the worktrees of the repositories at, around and below a directory.

    Parameters
    ----------
    root : str
        Where to look.
    depth : int
        How many levels below it; hidden directories and ``node_modules`` are passed over.
    """
    found: dict[str, tuple[Repository, Registered]] = {}
    doubtful: dict[str, tuple[Repository, Registered]] = {}
    seen: set[str] = set()
    for directory in repositories(root, depth):
        if directory in found:
            continue
        with suppress(GitFailed):
            # Before anything of an agent's is read: git would wait for what it includes.
            if is_agents(repository_directory(directory)):
                continue
            repository = read_repository(directory)
            if repository.common not in seen:
                seen.add(repository.common)
                for worktree in repository.worktrees:
                    if os.path.isdir(worktree.path):
                        kept = found if _is_its(repository, worktree) else doubtful
                        kept.setdefault(worktree.path, (repository, worktree))
    found = {**doubtful, **found}
    looks = {path: _late.get(path) or _threads.submit(listed, *found[path]) for path in found}
    done, not_done = wait(looks.values(), timeout=_LIST_SECONDS)
    for path, look in looks.items():
        if look in not_done:
            _late[path] = look
        else:
            _late.pop(path, None)
    return [
        looks[path].result() if looks[path] in done else _without_changes(*pair, PENDING)
        for path, pair in found.items()
    ]


def _is_its(repository: Repository, worktree: Registered) -> bool:
    """Whether a directory points back to the repository: any can have it on its list."""
    with suppress(GitFailed), opened_worktree(repository, replace(worktree, problem=None)):
        return True
    return False


def look_again(worktree: ListedWorktree) -> ListedWorktree | None:
    """Return a worktree with its branch, its last commit and its changes as they are now.

    Returns
    -------
    ListedWorktree or None
        ``None`` when it is no worktree any more.
    """
    try:
        repository = read_repository(worktree.repo)
    except GitFailed as error:
        there = os.path.isdir(worktree.path)
        return replace(worktree, changes=None, problem=_problem(error)) if there else None
    found = repository.worktree(worktree.path)
    return listed(repository, found) if found and os.path.isdir(found.path) else None


def listed(repository: Repository, worktree: Registered) -> ListedWorktree:
    """Return a worktree as it is listed; looks at its files."""
    changes, problem = _changes(repository, worktree)
    return replace(_without_changes(repository, worktree, problem), changes=changes)


def _without_changes(
    repository: Repository, worktree: Registered, problem: str | None
) -> ListedWorktree:
    return ListedWorktree(
        path=worktree.path,
        repo=repository.directory,
        branch=worktree.branch,
        head=worktree.head or (None if worktree.problem else repository.zero),
        main=worktree.main,
        changes=None,
        problem=problem,
    )


def _changes(repository: Repository, worktree: Registered) -> tuple[int | None, str | None]:
    try:
        with opened_worktree(repository, worktree), private_git(repository, worktree) as own:
            kept = Kept(worktree.path, repository.common)
            _check_rested(kept)
            known = kept.take_index(own.index)
            seconds = _SECONDS if known else _FIRST_SECONDS
            head = kept.facts.get("head") if known else None
            try:
                if worktree.commit is None or head != worktree.commit:
                    own.read_tree(worktree.commit, timeout=seconds)
                found = differences(own, worktree, kept, timeout=seconds, hasty=True)
            except GitFailed as error:
                if isinstance(error, TooLong) or "Out of memory" in str(error):
                    kept.facts["rests"] = time.time() + _REST * seconds
                    kept.keep()
                raise
            # With new files that were staged our index is not the commit's any more.
            kept.facts["head"] = None if found.staged else worktree.commit
            kept.keep(own.index)
            if found.index_problem:
                raise GitFailed(found.index_problem)
    except (GitFailed, OSError, ValueError) as error:
        return None, _problem(error)
    filters = {name for name in found.filtered.values() if name != LARGE}
    if not filters:
        return len(found.names), None
    return len(found.names), (
        "Files are counted as changed that may differ only because their filter is not run here: "
        f"{', '.join(sorted(filters))}."
    )


def _check_rested(kept: Kept) -> None:
    """Refuse to look again at once at what took too long: lists are asked for all the time."""
    rests = kept.facts.pop("rests", None)
    if isinstance(rests, float) and 0 < rests - time.time() < _REST * _FIRST_SECONDS:
        kept.facts["rests"] = rests
        raise GitFailed("it took too much, and is tried again in some minutes")


def _problem(error: Exception) -> str:
    return f"What changed can't be determined: {error}."
