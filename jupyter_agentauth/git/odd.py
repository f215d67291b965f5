"""What git waits for when it takes long: a FIFO in the place of a file that it reads as a whole."""

from __future__ import annotations

import os
import stat

from ..errors import shown

_READ = (".gitignore", ".gitattributes", ".gitmodules")

#: Entries that are looked at: git has been waiting for two seconds already.
_MOST = 500_000


def odd_file(worktree: str, objects: str) -> str | None:
    """Say which file of a worktree, or of its repository's objects, is none that git can read."""
    seen = 0
    for root, all_files in ((worktree, False), (objects, True)):
        for directory, below, files in os.walk(root):
            seen += len(below) + len(files)
            if seen > _MOST:
                return None
            in_git = all_files or "/.git" in directory[len(root) :]
            for name in files if in_git else set(files) & {*_READ, ".git"}:
                path = os.path.join(directory, name)
                if not _is_plain(path):
                    return f"{shown(path)} is not a regular file"
    return None


def _is_plain(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return True
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
