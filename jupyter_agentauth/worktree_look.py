"""Looking at one worktree again, with one git command."""

from __future__ import annotations

from dataclasses import replace

from .git import GitFailed, git
from .worktrees import ListedWorktree


def look_again(worktree: ListedWorktree) -> ListedWorktree | None:
    """Return a worktree with its branch, its last commit and its changes as they are now.

    Returns
    -------
    ListedWorktree or None
        ``None`` when it is no worktree any more.
    """
    # What counts as a change is the same as in `worktrees.count_changes`.
    status = ("status", "--porcelain=v2", "--branch", "--no-renames", "--ignore-submodules=all")
    try:
        lines = git(worktree.path, *status, "-z").split("\0")
    except GitFailed:
        return None
    head, branch, changes = None, None, 0
    for line in lines:
        if line.startswith("# branch.oid "):
            head = line.removeprefix("# branch.oid ")
        elif line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ")
        elif line and not line.startswith("# "):
            changes += 1
    return replace(
        worktree,
        # git 2.39: `worktree list` has zeros for a branch without a commit.
        head="0" * len(worktree.head or "") if head == "(initial)" else head,
        branch=None if branch == "(detached)" else branch,
        changes=changes,
    )
