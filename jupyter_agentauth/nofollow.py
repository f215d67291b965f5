"""Files in trees that an agent may have written to: no symbolic link on the way is followed.

Each directory is opened in the one above it, and a link in its place refused, so a tree that
changes meanwhile leads nowhere else.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from .files.tree_walk import walk

#: Also where only passing through is allowed; macOS has no such way of opening.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def parent_of(root: str | int, relative: str, make: bool = False) -> Iterator[tuple[int, str]]:
    """Open the directory that holds a path.

    Parameters
    ----------
    root : str or int
        A directory without a link on the way to it, or its descriptor, which stays open.
    relative : str
        A path below it, without ``..``.
    make : bool
        Make missing directories on the way below ``root``.

    Yields
    ------
    tuple
        The directory's descriptor, and the last name of the path.

    Raises
    ------
    OSError
        Also when a link is on the way.
    """
    parts = [part for part in relative.split("/") if part]
    if not parts:
        raise OSError(errno.EINVAL, "nothing holds it", relative)
    *above, name = parts
    directory = os.dup(root) if isinstance(root, int) else _opened_root(root)
    try:
        for part in above:
            if make:
                _make_directory(directory, part)
            below = os.open(part, _PASS, dir_fd=directory)
            os.close(directory)
            directory = below
        yield directory, name
    finally:
        os.close(directory)


def open_file(directory: int, name: str) -> BinaryIO:
    """Open a regular file for reading; what else lies there is let go of at once.

    Raises
    ------
    OSError
        Also for what is no regular file.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    # Before `open`, which leaves the descriptor of a directory open when it refuses it.
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is not a regular file", name)


def identity(path: str) -> tuple[int, int, int]:
    """Return the device, the inode and the mode of what a path names, links not followed.

    Raises
    ------
    OSError
        Also when a link is on the way.
    """
    with parent_of("/", path) as (parent, name):
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    return status.st_dev, status.st_ino, status.st_mode


def copy_tree(source: str, target: str, relative: str, passed: frozenset[str]) -> list[str]:
    """Copy a file or a directory with all in it to the same place below another root.

    Modes and times are kept, links are copied as links, and what is there stays.

    Parameters
    ----------
    source, target : str
        Directories without a link on the way to them.
    passed : frozenset of str
        Absolute paths that are passed over, with all in them.

    Returns
    -------
    list of str
        What was left out, relative, with the reason.

    Raises
    ------
    OSError
        With the path that could not be copied.
    """
    with parent_of(source, relative) as (from_, name), parent_of(target, relative, True) as (to, _):
        left: list[str] = []
        try:
            _copy(_Place(from_, to, source, relative), name, passed, left)
        except RecursionError:
            raise OSError(errno.ENAMETOOLONG, "its directories are too deep", relative) from None
        return left


class _Place:
    """Where a copy is: the two directories, and what they are called."""

    def __init__(self, from_: int, to: int, source: str, relative: str) -> None:
        self.from_ = from_
        self.to = to
        self.source = source
        self.relative = relative

    def below(self, from_: int, to: int, name: str) -> _Place:
        return _Place(from_, to, self.source, f"{self.relative}/{name}")


def _copy(place: _Place, name: str, passed: frozenset[str], left: list[str]) -> None:
    try:
        status = os.stat(name, dir_fd=place.from_, follow_symlinks=False)
        if os.path.join(place.source, place.relative) in passed:
            left.append(f"{place.relative} (a worktree)")
        elif stat.S_ISDIR(status.st_mode):
            _copy_directory(place, name, passed, left)
        elif stat.S_ISLNK(status.st_mode):
            os.symlink(os.readlink(name, dir_fd=place.from_), name, dir_fd=place.to)
        elif stat.S_ISREG(status.st_mode):
            _copy_file(place, name)
        else:
            left.append(f"{place.relative} (no file)")
    except FileExistsError:
        left.append(f"{place.relative} (there already)")
    except OSError as error:
        if error.filename == name:
            error.filename = place.relative
        raise


def _copy_directory(place: _Place, name: str, passed: frozenset[str], left: list[str]) -> None:
    from_ = os.open(name, _READ, dir_fd=place.from_)
    try:
        made = _make_directory(place.to, name)
        to = os.open(name, _READ, dir_fd=place.to)
        try:
            for entry in sorted(os.listdir(from_)):
                _copy(place.below(from_, to, entry), entry, passed, left)
            if made:
                _keep(os.fstat(from_), to)
        finally:
            os.close(to)
    finally:
        os.close(from_)


def _copy_file(place: _Place, name: str) -> None:
    flags = os.O_NOFOLLOW | os.O_CLOEXEC
    from_ = os.open(name, os.O_RDONLY | os.O_NONBLOCK | flags, dir_fd=place.from_)
    with open(from_, "rb") as source:
        status = os.fstat(from_)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is no file any more", name)
        to = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | flags, 0o600, dir_fd=place.to)
        try:
            with open(to, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                _keep(status, to)
        except BaseException:
            os.unlink(name, dir_fd=place.to)  # Half a file is worse than none.
            raise


def _keep(status: os.stat_result, descriptor: int) -> None:
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode) & 0o777)
    os.utime(descriptor, ns=(status.st_atime_ns, status.st_mtime_ns))


def _make_directory(parent: int, name: str) -> bool:
    try:
        os.mkdir(name, dir_fd=parent)
    except FileExistsError:
        return False
    return True


def remove_tree(path: str, expected: tuple[int, int] | None = None) -> None:
    """Remove a directory with all in it; what is gone already is fine.

    A directory that its owner may not write to is made writable first. What is mounted in it
    stays, and is an error.

    Parameters
    ----------
    expected : tuple of int, optional
        Its device and inode: nothing is removed of another directory.

    Raises
    ------
    OSError
        What is left by then is left.
    """
    try:
        with parent_of("/", path) as (parent, name):
            _remove(parent, name, expected)
    except FileNotFoundError:
        return


def _remove(parent: int, name: str, expected: tuple[int, int] | None) -> None:
    status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(name, dir_fd=parent)
        return
    directory = _opened_to_empty(parent, name, status)
    try:
        opened = os.fstat(directory)
        if expected not in (None, (opened.st_dev, opened.st_ino)):
            raise OSError(errno.ESTALE, "it was replaced meanwhile", name)
        _empty(directory, opened.st_dev)
    finally:
        os.close(directory)
    os.rmdir(name, dir_fd=parent)


def _empty(root: int, device: int) -> None:
    def enter(directory: int, where: list[str]) -> list[str]:
        below = []
        for name in os.listdir(directory):
            with suppress(FileNotFoundError):  # Gone meanwhile, which is no reason to stop.
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                if not stat.S_ISDIR(status.st_mode):
                    os.unlink(name, dir_fd=directory)
                elif status.st_dev != device:
                    raise OSError(errno.EXDEV, "something is mounted there", name)
                else:
                    os.close(_opened_to_empty(directory, name, status))
                    below.append(name)
        return below

    def leave(above: int, name: str) -> None:
        with suppress(FileNotFoundError):
            os.rmdir(name, dir_fd=above)

    def refused(error: OSError, where: list[str]) -> None:
        raise error

    walk(root, enter, leave, refused)


@contextmanager
def temporary_directory(prefix: str, where: str | None = None) -> Iterator[str]:
    """Make a directory that goes with the block, however deep what is in it by then."""
    path = os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=where))
    try:
        yield path
    finally:
        with suppress(OSError):
            remove_tree(path)


def _opened_to_empty(parent: int, name: str, status: os.stat_result) -> int:
    if status.st_uid == os.getuid() and status.st_mode & 0o700 != 0o700:
        passed = os.open(name, _PASS, dir_fd=parent)
        try:
            # `fchmod` does not take what was opened to pass only (Linux 6.1).
            opened = f"/proc/self/fd/{passed}" if sys.platform == "linux" else passed
            os.chmod(opened, 0o700)
        finally:
            os.close(passed)
    return os.open(name, _READ, dir_fd=parent)


def has_foreign_directories(path: str) -> bool:
    """Whether a tree has directories of another owner with something in them."""
    if os.getuid() == 0:
        return False
    try:
        with parent_of("/", path) as (parent, name):
            return _is_foreign(parent, name)
    except (FileNotFoundError, RecursionError):
        return False


def _is_foreign(parent: int, name: str) -> bool:
    try:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    try:
        directory = _opened_to_empty(parent, name, status)
    except PermissionError:
        return True
    try:
        entries = os.listdir(directory)
        if status.st_uid != os.getuid():
            return bool(entries)
        return any(_is_foreign(directory, entry) for entry in entries)
    finally:
        os.close(directory)


def _opened_root(root: str) -> int:
    directory = os.open("/", _PASS)
    try:
        for part in filter(None, root.split("/")):
            below = os.open(part, _PASS, dir_fd=directory)
            os.close(directory)
            directory = below
    except OSError:
        os.close(directory)
        raise
    return directory
