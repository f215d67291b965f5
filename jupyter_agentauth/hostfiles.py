"""Files on the host that are never half there and never readable by others for a moment."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

#: Entries of a directory among which left ones are looked for; an agent may have made a million.
_MOST_SEEN = 10_000


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file's content: readers see the old text or the new one, also after a crash.

    Raises
    ------
    OSError
        When it cannot be written; the old file is then untouched.
    """
    with _written_beside(path, text, mode) as temporary:
        os.replace(temporary, path)
    _sync_directory(path.parent)


def create_once(path: Path, text: str, mode: int = 0o600) -> bool:
    """Make a file with its whole text, unless something is there; never replaces anything.

    Returns
    -------
    bool
        Whether it was made.
    """
    if os.path.lexists(path):
        remove_left_ones(path)
        return False
    with _written_beside(path, text, mode) as temporary:
        try:
            # A link fails when the name is taken, and follows no symlink there.
            os.link(temporary, path)
        except FileExistsError:
            return False
    return True


def file_version(path: Path) -> tuple[int, int, int] | None:
    """Return what tells one content of a file from the next; ``None`` when it is missing."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def replace_unchanged(
    path: Path, text: str, seen: tuple[int, int, int] | None, mode: int = 0o600
) -> bool:
    """Replace a file's content, unless another program wrote it since ``seen``.

    Between the last look and the renaming lies what one system call takes, not the time
    that writing took. A file that was missing is never replaced.

    Returns
    -------
    bool
        Whether it was replaced.

    Raises
    ------
    OSError
        When it cannot be written; the old file is then untouched.
    """
    if seen is None:
        return create_once(path, text, mode)
    with _written_beside(path, text, mode) as temporary:
        if file_version(path) != seen:
            return False
        os.replace(temporary, path)
    _sync_directory(path.parent)
    return True


def make_private_parents(path: Path) -> None:
    """Make the missing directories above ``path``, each 0700 whatever the umask."""
    for parent in reversed(path.parents):
        if not parent.exists():
            try:
                parent.mkdir(mode=0o700)
            except FileExistsError:
                continue


@contextmanager
def _written_beside(path: Path, text: str, mode: int) -> Iterator[Path]:
    """Give a file beside ``path`` with its whole text; it is gone afterwards.

    It is locked meanwhile, so that what a killed process left can be told from it.
    """
    remove_left_ones(path)
    temporary, descriptor = _made_beside(path, mode)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)  # Whatever the umask took away.
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _made_beside(path: Path, mode: int) -> tuple[Path, int]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        descriptor = os.open(temporary, flags, mode)
        with suppress(OSError):  # Where nothing can be locked, nothing is taken for left.
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.exists(temporary):
            return temporary, descriptor
        os.close(descriptor)  # Somebody took it for left before it was locked.


def remove_left_ones(path: Path) -> None:
    """Remove what processes left beside ``path`` that were killed while they wrote it."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{12}}")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in islice(entries, _MOST_SEEN):
            if name.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_left(entry.path)


def _remove_left(path: str) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
        finally:
            os.close(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
