"""Lines in a repository's ``info/exclude``: what git leaves out of sight in every worktree.

The directory is read-only in containers, so no agent writes these.
"""

from __future__ import annotations

import os
import re

from ..nofollow import parent_of
from .files import read
from .private import private_git
from .repository import Registered, Repository
from .run import GitFailed

_LARGEST = 1 << 22


def is_ignored(repository: Repository, worktree: Registered, relative: str) -> bool:
    """Whether git ignores a path of a worktree."""
    try:
        with private_git(repository, worktree) as own:
            own("check-ignore", "--quiet", "--no-index", "--", f"./{relative}")
    except GitFailed:
        return False
    return True


def exclude(common: str, relative: str) -> None:
    """Have git ignore a path, in every worktree of a repository.

    Parameters
    ----------
    common : str
        The repository's git directory.
    relative : str
        From a worktree's root; ends in a slash when it means directories alone.

    Raises
    ------
    OSError, GitFailed
    """
    line = "/" + re.sub(r"([\\*?\[]| +$)", r"\\\1", relative)
    there = read(common, "info/exclude", _LARGEST) or b""
    if os.fsencode(line) in there.split(b"\n"):
        return
    start = b"" if not there or there.endswith(b"\n") else b"\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with parent_of(common, "info/exclude", make=True) as (directory, name):
        descriptor = os.open(name, flags | os.O_NONBLOCK, 0o644, dir_fd=directory)
        with open(descriptor, "ab", buffering=0) as file:
            file.write(start + os.fsencode(line) + b"\n")
