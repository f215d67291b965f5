"""All that is in a worktree, as a commit in its repository; its files are left as they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import Conflict, shown
from ..git.large import store
from ..git.private import PrivateGit
from ..git.publish import commit_tree, publish
from ..git.repository import Registered, Repository
from ..git.run import GitFailed
from .content import Content, content


@dataclass(frozen=True)
class Snapshot:
    """What a worktree held.

    Parameters
    ----------
    head : str
        Its commit.
    commit : str
        All that is in it, but for what git ignores; ``head`` itself where nothing differs.
    held : Content
    """

    head: str
    commit: str
    held: Content

    @property
    def nested(self) -> tuple[str, ...]:
        """Repositories in it, which no commit of it can hold."""
        own = self.held.own
        entries = own("ls-files", "--stage", "-z").split("\0")
        tracked = [entry.partition("\t")[2] for entry in entries if entry.startswith("160000 ")]
        names = (*self.held.found.nested, *tracked)
        return tuple(n for n in names if os.path.lexists(os.path.join(own.worktree, n, ".git")))


@contextmanager
def snapshot(
    repository: Repository, worktree: Registered, message: str, whole: bool = False
) -> Iterator[Snapshot]:
    """Make a commit of a worktree: changed and untracked files, on top of its own commit.

    Parameters
    ----------
    whole : bool
        Also what was staged and is in no file, as a second parent, and files of filters that are
        not run, as they are.

    Raises
    ------
    Conflict
    """
    try:
        with content(repository, worktree, filtered=whole) as held:
            if worktree.commit is None:
                raise GitFailed("it has no commit yet")
            parents = [worktree.commit]
            if whole and held.only_staged():
                tree = _staged_tree(held)
                parents.append(commit_tree(held.own, tree, (worktree.commit,), "What was staged\n"))
            commit = worktree.commit
            if held.tree != held.head_tree or len(parents) > 1:
                commit = commit_tree(held.own, held.tree, tuple(parents), message)
                publish(held.own)
                store(held.own, held.root, held.large)
            yield Snapshot(worktree.commit, commit, held)
    except (GitFailed, OSError) as error:
        raise git_failed(worktree.path, error) from None


def git_failed(path: str, error: Exception) -> Conflict:
    """The error for a worktree with which what is wanted can't be done."""
    return Conflict(f"This can't be done in {shown(path)}: {error}.", "git_failed")


def _staged_tree(held: Content) -> str:
    own: PrivateGit = held.own
    index = os.path.join(own.path, "staged-index")
    own("read-tree", held.head_tree, index=index)
    entries = (
        f"{mode} {object_id}\t{name}\0" for name, (mode, object_id) in held.found.staged.items()
    )
    own("update-index", "-z", "--index-info", stdin=os.fsencode("".join(entries)), index=index)
    return own("write-tree", index=index).strip()
