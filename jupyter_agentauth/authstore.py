"""The credential store: private directories on the host, one per agent and profile.

Layout: ``<auth_dir>/<agent>/<directory as below HOME>`` for the default profile and
``<auth_dir>/@<profile>/<agent>/…`` for a named one. Directories 0700, files 0600, owned
by the user. No symlink is followed below ``auth_dir``: every step opens the next
directory relative to the one before.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from .agent_names import NAME
from .hostfiles import create_once, make_private_parents
from .store_layout import VERSION
from .storefiles import (
    MissingError,
    StoreError,
    check_owner,
    check_regular,
    is_at,
    is_directory,
    open_step,
    repaired_mode,
    store_errors,
)
from .storewalk import holds_file, make_private

__all__ = ["AuthStore", "StoreError"]

#: How often a directory is made anew that a sign-out has just removed.
_TRIES = 5


class AuthStore:
    """The store below one root.

    Parameters
    ----------
    root : str
        ``auth_dir``. Need not exist; it is made when something is first stored.
    """

    def __init__(self, root: str) -> None:
        self.root = Path(root)

    def ensure_directory(self, path: str) -> list[str]:
        """Make a directory of the store and check every step on the way.

        Parameters
        ----------
        path : str
            Absolute path below the root.

        Returns
        -------
        list of str
            One sentence for each mode that was too wide and was repaired.

        Raises
        ------
        StoreError
            For a symlink, a foreign owner or another kind of file on the way, and where
            the directory cannot be made.
        """
        repaired: list[str] = []
        with self._walk(PurePosixPath(path), repaired) as descriptor:
            if not os.access(".", os.W_OK, dir_fd=descriptor):
                # Of an agent that refreshes its sign-in and cannot store the new one, the old
                # one is used up: none is better than one that is lost.
                raise StoreError(
                    f"{path} cannot be written (it is read-only): mount it writable, or set "
                    "c.AgentAuth.auth_dir to another place."
                )
        with suppress(OSError):  # For later layouts; without room, nothing stands on it.
            create_once(self.root / "VERSION", VERSION)
        return repaired

    def ensure_file(self, path: str, seed: str) -> list[str]:
        """Make a file with its seed, or check the one that is there; see `ensure_directory`."""
        repaired = self.ensure_directory(os.path.dirname(path))
        with store_errors(path):
            if create_once(Path(path), seed):
                return repaired
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(path, flags)
            try:
                status = os.fstat(descriptor)
                check_regular(path, status)
                check_owner(path, status)
                if stat.S_IMODE(status.st_mode) & 0o077:
                    os.fchmod(descriptor, 0o600)
                    repaired.append(repaired_mode(path, status, 0o600))
            finally:
                os.close(descriptor)
        return repaired

    def tighten(self, path: str) -> None:
        """Take group's and others' rights from all that a CLI left below ``path``.

        Programs in containers write with their own umask. Links are neither followed nor
        changed; what vanishes meanwhile is passed over.

        Raises
        ------
        StoreError
            Also where there are too many files for a launch to look at each.
        """
        with self.opened(path) as directory, store_errors(path):
            make_private(directory, path)

    def profiles(self) -> list[str]:
        """Return the profiles that have a directory, the default one first."""
        found = (entry[1:] for entry in self._entries() if entry.startswith("@"))
        return ["default", *sorted(name for name in found if NAME.fullmatch(name))]

    def agents(self, profile: str) -> list[str]:
        """Return the agents that have a directory under a profile."""
        found = self._entries("" if profile == "default" else f"@{profile}")
        return sorted(name for name in found if NAME.fullmatch(name))

    def _entries(self, directory: str = "") -> list[str]:
        """Return the directories in the root, or in one of its directories."""
        try:
            with self._walk(PurePosixPath(self.root / directory), [], make=False) as descriptor:
                return [entry.name for entry in os.scandir(descriptor) if is_directory(entry)]
        except (OSError, StoreError):
            return []

    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        """Read a file of the store; ``None`` if it is missing.

        Raises
        ------
        StoreError
            For a link, another owner's file, one that is no regular file or larger than ``limit``.
        """
        try:
            with (
                self._walk(PurePosixPath(path).parent, [], make=False) as directory,
                store_errors(path),
            ):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(os.path.basename(path), flags, dir_fd=directory)
        except MissingError:
            return None
        with store_errors(path), open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            check_regular(path, status)
            check_owner(path, status)
            if status.st_size > limit:
                raise StoreError(f"{path} is larger than {limit // 1_000_000} MB: remove it.")
            return file.read(limit)

    def written(self, path: str) -> float | None:
        """Return when a file was last written, in seconds; ``None`` if it is missing or empty."""
        try:
            with self._walk(PurePosixPath(path).parent, [], make=False) as directory:
                name = os.path.basename(path)
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        except (OSError, StoreError):
            return None
        return status.st_mtime if stat.S_ISREG(status.st_mode) and status.st_size else None

    def move(self, source: str, target: str) -> None:
        """Move a file within the store, over what is there; nothing if it is missing.

        Raises
        ------
        StoreError
        """
        with (
            self._walk(PurePosixPath(source).parent, []) as here,
            self._walk(PurePosixPath(target).parent, []) as there,
            store_errors(source),
            suppress(FileNotFoundError),
        ):
            names = os.path.basename(source), os.path.basename(target)
            os.replace(*names, src_dir_fd=here, dst_dir_fd=there)

    def remove(self, path: str) -> None:
        """Remove a file, whatever it is; nothing if it is missing or a directory.

        Raises
        ------
        StoreError
        """
        with (
            suppress(MissingError),
            self._walk(PurePosixPath(path).parent, [], make=False) as directory,
            store_errors(path),
            suppress(IsADirectoryError),
        ):
            os.unlink(os.path.basename(path), dir_fd=directory)

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """Open a directory of the store; yields its descriptor.

        Raises
        ------
        StoreError
        """
        with self._walk(PurePosixPath(path), [], make=False) as descriptor:
            yield descriptor

    def has_file(self, root: str, directory: str, counts: Callable[[str], bool]) -> bool:
        """Tell whether there is a file that counts below one directory.

        Parameters
        ----------
        counts : callable
            From a regular file's path, relative to ``root``.

        Raises
        ------
        StoreError
            When that can't be determined.
        """
        place = os.path.join(root, directory)

        def below(path: str) -> bool:
            return counts(os.path.join(directory, path))

        try:
            with self.opened(place) as descriptor, store_errors(place):
                return holds_file(descriptor, place, below)
        except MissingError:
            return False

    def hold(self, path: str, repaired: list[str] | None = None) -> int:
        """Make a directory and keep it from being removed by a sign-out.

        Parameters
        ----------
        repaired : list of str, optional
            Gets a sentence for each mode that was too wide, or too narrow.

        Returns
        -------
        int
            A descriptor; the directory is held until it is closed.

        Raises
        ------
        StoreError
        """
        while True:
            with self._walk(
                PurePosixPath(path), [] if repaired is None else repaired
            ) as descriptor:
                held = os.dup(descriptor)
            with suppress(OSError):  # Where a directory cannot be locked, none is removed.
                fcntl.flock(held, fcntl.LOCK_SH)
            if is_at(held, path):
                return held
            os.close(held)  # It was removed while we waited for it.

    @contextmanager
    def alone(self, path: str) -> Iterator[bool]:
        """Tell whether nobody holds a directory; then nobody can until the block ends."""
        if not os.path.lexists(path):
            yield False
            return
        with self._walk(PurePosixPath(path), []) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                alone = is_at(descriptor, path)
            except OSError:
                alone = False
            yield alone

    @contextmanager
    def _walk(self, path: PurePosixPath, repaired: list[str], make: bool = True) -> Iterator[int]:
        """Open a directory of the store step by step from the root; yields its descriptor."""
        with store_errors(str(path)):
            steps = path.relative_to(self.root).parts
            if make:
                make_private_parents(self.root)
        descriptor = self._descend(steps, repaired, make)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _descend(self, steps: tuple[str, ...], repaired: list[str], make: bool) -> int:
        for _ in range(_TRIES if make else 0):
            with suppress(MissingError):  # A sign-out removed one as we made the next.
                return self._descend_once(steps, repaired, make)
        return self._descend_once(steps, repaired, make)

    def _descend_once(self, steps: tuple[str, ...], repaired: list[str], make: bool) -> int:
        here = self.root
        with store_errors(str(here)):
            descriptor = open_step(str(here), None, here, repaired, make)
        try:
            for step in steps:
                here = here / step
                with store_errors(str(here)):
                    below = open_step(step, descriptor, here, repaired, make)
                os.close(descriptor)
                descriptor = below
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor
