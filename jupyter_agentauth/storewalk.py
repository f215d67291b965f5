"""Looks through a directory of the store in which an agent left as many files as it likes."""

from __future__ import annotations

import os
from collections.abc import Callable

from .files.tree_walk import walk
from .storefiles import StoreError, is_directory, tighten_entry

#: Files that a launch makes private, and those that a look at the sign-ins sees.
_MOST_TIGHTENED, _MOST_SEEN = 100_000, 10_000


def make_private(directory: int, path: str) -> None:
    """Take group's and others' rights from all that lies below an open directory.

    Raises
    ------
    StoreError
        Where there are too many files for a launch to look at each.
    OSError
    """

    def take(entry: os.DirEntry[str], above: int, where: list[str]) -> None:
        tighten_entry(entry.name, above)

    _look(
        directory,
        take,
        _MOST_TIGHTENED,
        f"{path} holds more than {_MOST_TIGHTENED:,} files, of which not all were made private to "
        "you: remove some.",
    )


def holds_file(directory: int, path: str, counts: Callable[[str], bool]) -> bool:
    """Tell whether there is a regular file that counts below an open directory.

    Parameters
    ----------
    counts : callable
        From a file's path, relative to the directory.

    Raises
    ------
    StoreError
        Where there are too many to look at each.
    OSError
    """

    def take(entry: os.DirEntry[str], above: int, where: list[str]) -> None:
        if entry.is_file(follow_symlinks=False) and counts("/".join((*where, entry.name))):
            raise _Found

    try:
        too_many = f"{path} holds more than {_MOST_SEEN:,} files: remove some."
        _look(directory, take, _MOST_SEEN, too_many)
    except _Found:
        return True
    return False


class _Found(Exception):
    """Ends a look."""


def _look(
    directory: int,
    take: Callable[[os.DirEntry[str], int, list[str]], object],
    most: int,
    too_many: str,
) -> None:
    left = most

    def enter(here: int, where: list[str]) -> list[str]:
        nonlocal left
        below: list[str] = []
        with os.scandir(here) as entries:
            for entry in entries:
                left -= 1
                if left < 0:
                    raise StoreError(too_many)
                take(entry, here, where)
                if is_directory(entry):
                    below.append(entry.name)
        return below

    walk(directory, enter)
