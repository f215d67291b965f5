"""Single steps in the credential store: private, of one owner, and never through a link."""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import AgentAuthError

#: What is made in the store's directories, by whatever program in whatever container,
#: inherits ``u::rwx,g::-,o::-`` instead of that program's umask (Linux, `acl(5)`): version
#: 2, then (tag, permissions, id) for the owner, the group and others.
_DEFAULT_ACL = struct.pack(
    "<I" + "HHI" * 3, 2, 0x01, 7, 0xFFFFFFFF, 0x04, 0, 0xFFFFFFFF, 0x20, 0, 0xFFFFFFFF
)

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class StoreError(AgentAuthError):
    """A directory or file of the store cannot be used as it is."""

    reason = "auth_store"
    status = 409


class MissingError(StoreError):
    """It is not there."""


def open_step(name: str, parent: int | None, shown: Path, repaired: list[str], make: bool) -> int:
    """Open a directory of the user's own, closed to others, and never through a link.

    Parameters
    ----------
    name : str
        In ``parent``, a descriptor; absolute without one.
    shown : Path
        What errors call it.
    repaired : list of str
        Gets a sentence when its mode was too wide.
    make : bool
        Whether to make it, and to repair it.
    """
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=parent)
    descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
    try:
        status = os.fstat(descriptor)
        check_owner(str(shown), status)
        if make and stat.S_IMODE(status.st_mode) != 0o700:
            os.fchmod(descriptor, 0o700)
            repaired.append(repaired_mode(str(shown), status, 0o700))
        if make and sys.platform == "linux":
            # A file system without ACLs still has the closed directory, and `tighten`.
            with suppress(OSError):
                os.setxattr(descriptor, "system.posix_acl_default", _DEFAULT_ACL)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def is_at(descriptor: int, path: str) -> bool:
    """Whether a directory is still the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except OSError:
        return False


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether it is one itself, not a link to one."""
    return entry.is_dir(follow_symlinks=False)


def tighten_entry(name: str, directory: int | None) -> None:
    """Make a directory 0700, also one that its owner cannot open, and close a file to others."""
    try:
        # Of a link, which is neither followed nor changed, O_PATH opens the link itself.
        flags = os.O_PATH if sys.platform == "linux" else os.O_RDONLY | os.O_NONBLOCK
        descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    except OSError:
        return  # It vanished.
    try:
        mode = os.fstat(descriptor).st_mode
        wanted = 0o700 if stat.S_ISDIR(mode) else stat.S_IMODE(mode) & 0o700
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)) or stat.S_IMODE(mode) == wanted:
            return
        opened = f"/proc/self/fd/{descriptor}" if sys.platform == "linux" else descriptor
        with suppress(OSError):  # Another owner's: nothing of it reaches beyond our directory.
            os.chmod(opened, wanted)
    finally:
        os.close(descriptor)


def check_owner(path: str, status: os.stat_result) -> None:
    """Refuse what belongs to somebody else."""
    if status.st_uid != os.geteuid():
        raise StoreError(
            f"{path} belongs to uid {status.st_uid}, not to you: remove it, or change its owner."
        )


def check_regular(path: str, status: os.stat_result) -> None:
    """Refuse a directory, a FIFO, a socket or a device in a file's place."""
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} is not a regular file: remove it.")


def repaired_mode(path: str, status: os.stat_result, mode: int) -> str:
    """Say that a mode was repaired."""
    return f"The mode of {path} was {stat.S_IMODE(status.st_mode):04o}; it is {mode:04o} now."


@contextmanager
def store_errors(path: str) -> Iterator[None]:
    """Turn what the system says of a path into one sentence."""
    try:
        yield
    except OSError as error:
        # Opening a symlink with O_NOFOLLOW and O_DIRECTORY fails with either of the two.
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and os.path.islink(path):
            raise StoreError(
                f"{path} is a symbolic link, which is not followed: remove it."
            ) from None
        what = error.strerror or type(error).__name__
        kind = MissingError if error.errno == errno.ENOENT else StoreError
        raise kind(f"{path} cannot be used ({what}): mend it, or remove it.") from None
