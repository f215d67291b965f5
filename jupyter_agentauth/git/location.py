"""Where the git data of a worktree lies, by git's own files.

Git data that a ``.git`` file names counts only where it names the worktree in turn: an agent
can write any path there.
"""

from __future__ import annotations

import os
import stat

from ..nofollow import parent_of
from .files import line
from .run import GitFailed


def git_directory(top: str, opened: int | None = None) -> str:
    """Return the git directory of a worktree, or of a bare repository.

    Parameters
    ----------
    opened : int, optional
        A descriptor of the worktree, which is looked at in place of its path.

    Raises
    ------
    GitFailed
    """
    root = top if opened is None else opened
    pointer = os.path.join(top, ".git")
    try:
        with parent_of(root, ".git") as (directory, name):
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            raise GitFailed(f"its .git can't be read: {error.strerror}") from None
        if line(root, "HEAD") is not None and os.path.isdir(os.path.join(top, "objects")):
            return top
        raise GitFailed("it has no .git") from None
    if stat.S_ISLNK(status.st_mode):
        raise GitFailed("its .git is a symbolic link")
    if stat.S_ISDIR(status.st_mode):
        if os.path.samestat(os.lstat(pointer), status):
            return pointer
        raise GitFailed("it was replaced meanwhile")
    words = line(root, ".git") or ""
    if not words.startswith("gitdir: ") or "\0" in words:
        raise GitFailed("its .git file names no git directory")
    own = os.path.realpath(os.path.join(top, words.removeprefix("gitdir: ")))
    if line(own, "commondir") is not None and worktree_of(own) != top:
        raise GitFailed("the git directory that its .git file names is not its own")
    return own


def common_directory(own: str) -> str:
    """Return the git directory of a repository, for that of one of its worktrees.

    Raises
    ------
    GitFailed
    """
    named = line(own, "commondir")
    if named is not None and "\0" in named:
        raise GitFailed("its commondir file names no directory")
    # Ours has a `.` in it: see `gitguard`.
    common = os.path.realpath(os.path.join(own, named)) if named is not None else own
    if common not in (own, os.path.dirname(os.path.dirname(own))):
        raise GitFailed("its commondir file leads elsewhere")
    return common


def worktree_of(own: str) -> str:
    """Return the real path of the worktree that a linked worktree's own part names."""
    pointer = line(own, "gitdir")
    if not pointer or "\0" in pointer:
        raise GitFailed("its own part of the git directory names no worktree")
    # Git 2.48 can write it relative to the directory that it stands in.
    return os.path.realpath(os.path.dirname(os.path.join(own, pointer)))
