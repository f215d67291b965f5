"""What git waits for when it takes long: a FIFO in the place of a file that it reads as a whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress

from ..errors import shown
from .files import line
from .run import GitFailed

_READ = (".gitignore", ".gitattributes", ".gitmodules")

#: Entries that are looked at: git has been waiting for two seconds already.
_MOST = 500_000


def odd_file(worktree: str, objects: str) -> str | None:
    """Say which file of a worktree, or of its repository's objects, is none that git can read."""
    seen = 0
    # Directories, and whether all files in them count. Agents make them as deep as they like.
    left = [(objects, True), (worktree, False)]
    while left:
        directory, all_files = left.pop()
        for name, is_directory in _entries(directory):
            seen += 1
            if seen > _MOST:
                return None
            path = os.path.join(directory, name)
            if is_directory:
                left.append((path, all_files or name == ".git"))
            elif (all_files or name in (*_READ, ".git")) and _blocks(path):
                return f"{shown(path)} is not a regular file"
            elif name == ".git":
                left += [(named, True) for named in _named(directory)]
    return None


def _entries(directory: str) -> list[tuple[str, bool]]:
    with suppress(OSError), os.scandir(directory) as entries:
        return [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return []


def _named(directory: str) -> Iterator[str]:
    """Yield the git directory that a ``.git`` file names, of which git reads HEAD and the like."""
    with suppress(GitFailed):
        words = line(directory, ".git") or ""
        if words.startswith("gitdir: "):
            yield os.path.join(directory, words.removeprefix("gitdir: "))


def _blocks(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
