"""Where packed refs can be locked by git in a container.

Deleting any branch, tag or stash locks ``packed-refs`` (git 2.39), by a file beside it, in the
directory where ``config`` lies and which is therefore read-only to a linked worktree's agent.
Git follows a symbolic link there, for reading and for locking (``git help repository-layout``
knows such set-ups as `git-new-workdir`): so the file moves to a directory of its own, and a link
takes its place. Git on the host does with it what it always did.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from .nofollow import open_file, parent_of

#: The directory's name in a repository's common directory.
PACKED_REFS = "agentauth"

_NAME = "packed-refs"
_LINK = f"{PACKED_REFS}/{_NAME}"

#: Of a file without refs; git itself leaves this when the last one is deleted.
_EMPTY = b"# pack-refs with: peeled fully-peeled sorted \n"

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def move_packed_refs(common: str) -> None:
    """Move a repository's packed refs into their own directory, unless they are there.

    Readers see the old file or the new one; git's own lock keeps writers away meanwhile.

    Raises
    ------
    OSError
        With the reason; nothing was changed then.
    """
    with parent_of("/", os.path.join(common, _NAME)) as (directory, _):
        if _readlink(directory) == _LINK:
            _check_file(directory)
            return
        with suppress(FileExistsError):
            os.mkdir(PACKED_REFS, dir_fd=directory)
        lock = os.open(f"{_NAME}.lock", _NEW, 0o666, dir_fd=directory)
        try:
            os.close(lock)
            content = _content(directory)
            target = os.open(
                PACKED_REFS, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=directory
            )
            try:
                _write(target, content)
            finally:
                os.close(target)
            with suppress(FileNotFoundError):  # Of one who was killed here.
                os.unlink(f"{_NAME}.{PACKED_REFS}", dir_fd=directory)
            os.symlink(_LINK, f"{_NAME}.{PACKED_REFS}", dir_fd=directory)
            os.replace(f"{_NAME}.{PACKED_REFS}", _NAME, src_dir_fd=directory, dst_dir_fd=directory)
        finally:
            os.unlink(f"{_NAME}.lock", dir_fd=directory)


def _readlink(directory: int) -> str | None:
    try:
        return os.readlink(_NAME, dir_fd=directory)
    except OSError:
        return None


def _check_file(directory: int) -> None:
    """Refuse what an agent put there that git on the host would write through."""
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(_LINK, dir_fd=directory, follow_symlinks=False).st_mode):
            raise OSError(0, f"{_LINK} is no file: look where it leads, and replace it")


def _content(directory: int) -> bytes:
    try:
        with open_file(directory, _NAME) as file:
            return file.read()
    except FileNotFoundError:
        return _EMPTY


def _write(directory: int, content: bytes) -> None:
    with suppress(FileNotFoundError):
        os.unlink(f"{_NAME}.new", dir_fd=directory)
    with open(os.open(f"{_NAME}.new", _NEW, 0o666, dir_fd=directory), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{_NAME}.new", _NAME, src_dir_fd=directory, dst_dir_fd=directory)
