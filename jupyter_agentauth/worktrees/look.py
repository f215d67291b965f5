"""Looking at one worktree again, with one git command."""

from __future__ import annotations

import os
from dataclasses import replace

from ..git.run import GitFailed
from .find import ListedWorktree
from .status import worktree_status


def look_again(worktree: ListedWorktree) -> ListedWorktree | None:
    """Return a worktree with its branch, its last commit and its changes as they are now.

    Returns
    -------
    ListedWorktree or None
        ``None`` when it is no worktree any more.
    """
    try:
        lines = worktree_status(worktree.path, worktree.repo, "--porcelain=v2", "--branch")
    except GitFailed:
        # As the list has it: there while its directory is, with no changes that can be told.
        return replace(worktree, changes=0) if os.path.isdir(worktree.path) else None
    head, branch, changes = None, None, 0
    for line in lines:
        if line.startswith("# branch.oid "):
            head = line.removeprefix("# branch.oid ")
        elif line.startswith("# branch.head "):
            branch = line.removeprefix("# branch.head ")
        elif not line.startswith("# "):
            changes += 1
    return replace(
        worktree,
        # git 2.39: `worktree list` has zeros for a branch without a commit.
        head="0" * len(worktree.head or "") if head == "(initial)" else head,
        branch=None if branch == "(detached)" else branch,
        changes=changes,
    )
