"""All that is in a worktree, as a commit; the worktree itself is left as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import Conflict, shown
from ..git.repository import Repository, check_belongs
from ..git.run import GitFailed, git
from ..own_filters import look_environment
from .changes import index_of_our_own

#: For a big worktree.
SECONDS = 600

#: Of a user who has told git no name.
_SOMEBODY = {
    "GIT_AUTHOR_NAME": "jupyter-agentauth",
    "GIT_AUTHOR_EMAIL": "jupyter-agentauth@localhost",
    "GIT_COMMITTER_NAME": "jupyter-agentauth",
    "GIT_COMMITTER_EMAIL": "jupyter-agentauth@localhost",
}


@dataclass(frozen=True)
class Snapshot:
    """What a worktree held.

    Parameters
    ----------
    head : str
        Its commit.
    commit : str
        All that is in it, but for what git ignores; ``head`` itself where nothing differs.
    tree : str
        Of that commit.
    nested : tuple of str
        Repositories in it, which no commit of it can hold.
    """

    head: str
    commit: str
    tree: str
    nested: tuple[str, ...]


def snapshot(repository: Repository, path: str, message: str) -> Snapshot:
    """Make a commit of a worktree: changed and untracked files, on top of its own commit.

    Parameters
    ----------
    path : str
        Its real path.

    Raises
    ------
    Conflict
    """
    try:
        check_belongs(repository, path)
        head = git(path, "rev-parse", "--verify", "HEAD^{commit}")
        with index_of_our_own(path, look_environment(path, repository.worktrees[0].path)) as own:
            nested = _nested(path, own)
            left_out = [f":(top,exclude,literal){name}" for name in nested]
            git(path, "add", "--all", "--", ":/", *left_out, timeout=SECONDS, environment=own)
            tree = git(path, "write-tree", timeout=SECONDS, environment=own)
        if tree == git(path, "rev-parse", f"{head}^{{tree}}"):
            return Snapshot(head, head, tree, nested)
        return Snapshot(head, commit_tree(path, tree, (head,), message), tree, nested)
    except (GitFailed, OSError) as error:
        raise git_failed(path, error) from None


def commit_tree(path: str, tree: str, parents: tuple[str, ...], message: str) -> str:
    """Make a commit of the user's, without signing it, and return its id.

    Raises
    ------
    GitFailed
    """
    options = [word for parent in parents for word in ("-p", parent)]
    return git(
        path, "commit-tree", "--no-gpg-sign", *options, "-F", "-", tree,
        stdin=message.encode(), environment=_identity(path),
    )  # fmt: skip


def git_failed(path: str, error: Exception) -> Conflict:
    """The error for a worktree with which git cannot do what is wanted."""
    return Conflict(
        f"Git cannot take what is in {shown(path)} ({error}): look there with `git status`.",
        "git_failed",
    )


def _identity(path: str) -> Mapping[str, str]:
    try:
        git(path, "var", "GIT_AUTHOR_IDENT")
        git(path, "var", "GIT_COMMITTER_IDENT")
    except GitFailed:
        return _SOMEBODY
    return {}


def _nested(path: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the repositories in it, untracked and tracked ones.

    Git would look into them, and run what *their* configuration names as a filter: also into a
    tracked one, whatever it is told of submodules (git 2.39, `add`).
    """
    listing = git(
        path, "ls-files", "--others", "--exclude-standard", "-z",
        timeout=SECONDS, environment=environment,
    )  # fmt: skip
    untracked = [name for name in listing.split("\0") if name.endswith("/")]
    entries = git(path, "ls-files", "--stage", "-z", timeout=SECONDS, environment=environment)
    tracked = [
        entry.partition("\t")[2] for entry in entries.split("\0") if entry.startswith("160000 ")
    ]
    found = dict.fromkeys((*untracked, *tracked))
    return tuple(n for n in found if os.path.lexists(os.path.join(path, n, ".git")))
