"""A walk through directories that an agent made: no link is followed, and any depth will do.

One directory is open at a time (3,000 levels are more than a process may have open), and the way
back up is checked, so that a directory that is moved meanwhile leads nowhere else.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

#: What opening says of a directory that is gone, or that something else took the place of.
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def walk(
    root: int,
    enter: Callable[[int, list[str]], Iterable[str]],
    leave: Callable[[int, str], object] = lambda above, name: None,
    refused: Callable[[OSError, list[str]], object] = lambda error, where: None,
) -> None:
    """Walk through a directory and all those below it.

    Parameters
    ----------
    root : int
        The descriptor of an open directory.
    enter : callable
        Gets a directory's descriptor and the names that lead to it, which change afterwards;
        returns the directories in it that are walked through.
    leave : callable
        Gets the descriptor of the directory above one that was walked through, and its name.
    refused : callable
        Told of a directory that could not be opened, and of the names that lead to it.

    Raises
    ------
    OSError
        Also when a directory was moved away meanwhile.
    """
    here, where = os.dup(root), list[str]()
    levels = [(_identity(here), list(enter(here, where)))]
    try:
        while True:
            if levels[-1][1]:
                where.append(levels[-1][1].pop())
                below = _opened(where, here, refused)
                if below is None:
                    where.pop()
                    continue
                os.close(here)
                here = below
                levels.append((_identity(here), list(enter(here, where))))
            elif where:
                levels.pop()
                above = os.open("..", _OPEN, dir_fd=here)
                os.close(here)
                here = above
                if _identity(here) != levels[-1][0]:
                    raise OSError(errno.EAGAIN, "a directory in it was moved", "/".join(where))
                leave(here, where.pop())
            else:
                return
    finally:
        os.close(here)


def _opened(
    where: list[str], directory: int, refused: Callable[[OSError, list[str]], object]
) -> int | None:
    try:
        return os.open(where[-1], _OPEN, dir_fd=directory)
    except OSError as error:
        if error.errno not in _GONE:
            refused(error, where)
        return None


def _identity(directory: int) -> tuple[int, int]:
    status = os.fstat(directory)
    return status.st_dev, status.st_ino
