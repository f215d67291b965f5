"""Files of a git directory, read and written through descriptors: no link is ever followed.

An agent can put anything in the place of a file of a repository: a link, a FIFO, a directory,
something endless.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from ..nofollow import open_file, parent_of
from .run import GitFailed

#: Of a file that holds a few lines.
SHORT = 1 << 16

#: A new file, never what is there.
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def read(root: str | int, relative: str, limit: int = SHORT) -> bytes | None:
    """Return what is in a file; ``None`` where there is none.

    Raises
    ------
    GitFailed
        For anything else than a regular file of at most so many bytes.
    """
    try:
        with parent_of(root, relative) as (directory, name), open_file(directory, name) as file:
            content = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(root, relative, error) from None
    if len(content) > limit:
        raise GitFailed(f"{relative} in its git directory is larger than {limit:,} bytes")
    return content


def line(root: str | int, relative: str) -> str | None:
    """Return the one line of a file, as a path or name; ``None`` where there is none."""
    content = read(root, relative)
    return None if content is None else os.fsdecode(content).rstrip("\r\n")


def names(root: str | int, relative: str, limit: int = 10_000) -> list[tuple[str, bool]]:
    """Return the entries of a directory without links, and whether each is a directory.

    Raises
    ------
    GitFailed
    """
    try:
        with parent_of(root, relative) as (parent, name):
            directory = os.open(name, _DIRECTORY, dir_fd=parent)
            try:
                with os.scandir(directory) as entries:
                    found = [
                        (entry.name, entry.is_dir(follow_symlinks=False))
                        for entry, _ in zip(entries, range(limit + 1), strict=False)
                        if not entry.is_symlink()
                    ]
            finally:
                os.close(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(root, relative, error) from None
    if len(found) > limit:
        raise GitFailed(f"{relative} in its git directory has more than {limit:,} entries")
    return sorted(found)


def _unreadable(root: str | int, relative: str, error: OSError) -> GitFailed:
    why = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
    where = relative if isinstance(root, int) else os.path.join(root, relative)
    return GitFailed(f"{where} can't be read: {why}")


def copy(root: str | int, relative: str, target: str, limit: int) -> bool:
    """Copy a file of at most so many bytes; ``False`` where there is none.

    Raises
    ------
    GitFailed
    """
    try:
        with (
            parent_of(root, relative) as (directory, name),
            open_file(directory, name) as file,
            open(target, "xb") as copied,
        ):
            if os.fstat(file.fileno()).st_size > limit:
                raise GitFailed(f"{relative} in its git directory is too large")
            shutil.copyfileobj(file, copied, 1 << 20)
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(root, relative, error) from None


def check_space(path: str, size: int) -> None:
    """Refuse to copy a file that more than half of the free space would hold.

    Raises
    ------
    OSError
    """
    if size > shutil.disk_usage(path).free // 2:
        raise OSError(errno.EFBIG, f"it is too large ({size:,} bytes)")


def stamp(root: str, relative: str) -> list[int]:
    """Return what tells one content of a file from the next; empty where it is missing."""
    try:
        with parent_of(root, relative) as (directory, name):
            found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError:
        return []
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def check_head(own: str) -> None:
    """Refuse a git directory whose HEAD git would wait for, whatever it is asked.

    Raises
    ------
    GitFailed
    """
    with suppress(OSError), parent_of(own, "HEAD") as (directory, name):
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            raise GitFailed(f"{os.path.join(own, 'HEAD')} is not a regular file")


def create(root: str | int, relative: str, content: bytes, mode: int = 0o666) -> None:
    """Make a file; nothing that is there is replaced.

    Raises
    ------
    OSError
    """
    with parent_of(root, relative, make=True) as (directory, name):
        descriptor = os.open(name, NEW, mode, dir_fd=directory)
    with open(descriptor, "wb") as file:
        file.write(content)


@contextmanager
def replacing(root: str | int, relative: str, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Give a file that takes another one's place when it is whole: readers see one or the other.

    Raises
    ------
    OSError
    """
    with parent_of(root, relative, make=True) as (directory, name):
        temporary = f".agentauth-{secrets.token_hex(8)}"
        with open(os.open(temporary, NEW, mode, dir_fd=directory), "wb") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=directory)
                raise
