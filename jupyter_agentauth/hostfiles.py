"""Files on the host that are never half there and never readable by others for a moment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file's content: readers see the old text or the new one, also after a crash.

    Raises
    ------
    OSError
        When it cannot be written; the old file is then untouched.
    """
    temporary = _write_beside(path, text, mode)
    try:
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def create_once(path: Path, text: str, mode: int = 0o600) -> bool:
    """Make a file with its whole text, unless something is there; never replaces anything.

    Returns
    -------
    bool
        Whether it was made.
    """
    if os.path.lexists(path):
        return False
    temporary = _write_beside(path, text, mode)
    try:
        # A link fails when the name is taken, and follows no symlink there.
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
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
    temporary = _write_beside(path, text, mode)
    try:
        if file_version(path) != seen:
            return False
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
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


def _write_beside(path: Path, text: str, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, mode)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)  # Whatever the umask took away.
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
