"""What differs in a worktree from its last commit, as git has it."""

from __future__ import annotations

from ..git.run import git
from ..own_filters import look_environment


def worktree_status(path: str, main: str, *more: str, timeout: float = 20) -> list[str]:
    """Return the entries of ``git status --porcelain -z``.

    Not into submodules: git would run there by what a nested repository's configuration says.
    No file of the worktree is run either.

    Parameters
    ----------
    path, main : str
        The worktree, and its repository's main one.
    more : str
        Further options.
    timeout : float
        Seconds that it may take.

    Raises
    ------
    GitFailed
    """
    output = git(
        path, "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all", *more,
        timeout=timeout, environment=look_environment(path, main),
    )  # fmt: skip
    return [entry for entry in output.split("\0") if entry]
