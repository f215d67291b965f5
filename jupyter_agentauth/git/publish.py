"""What was made in a git directory of ours, put into the repository: objects, commits, indexes.

Everything is written under another name and renamed, where the repository was opened: a link in
the place of a file is replaced, one on the way is an error.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..nofollow import parent_of
from .config import identity
from .files import create, replacing
from .private import PrivateGit
from .refs import Log
from .repository import Registered, Repository
from .run import GitFailed

_OBJECT = re.compile(r"[0-9a-f]{2}")


def publish(own: PrivateGit) -> None:
    """Put the objects that were made here into the repository.

    Raises
    ------
    GitFailed
    """
    objects = Path(own.path, "objects")
    loose = [
        f"{directory.name}{file.name}\n"
        for directory in objects.iterdir()
        if _OBJECT.fullmatch(directory.name)
        for file in directory.iterdir()
    ]
    if loose:
        own("pack-objects", "-q", "objects/pack/pack", stdin="".join(loose).encode(),
             directory=own.path)  # fmt: skip
    try:
        # A pack counts from when its index is there, so that comes last.
        for pack in sorted((objects / "pack").glob("pack-*.pack")):
            for part in (pack, pack.with_suffix(".idx")):
                place = f"objects/pack/{part.name}"
                with (
                    open(part, "rb") as source,
                    replacing(own.repository.common, place, 0o444) as file,
                ):
                    shutil.copyfileobj(source, file, 1 << 20)
    except OSError as error:
        raise GitFailed(f"objects can't be written ({error.strerror})") from None


def commit_tree(own: PrivateGit, tree: str, parents: tuple[str, ...], message: str) -> str:
    """Make a commit of the user's, without signing it, and return its id.

    Raises
    ------
    GitFailed
    """
    name, email = identity(own.config)
    options = [word for parent in parents for word in ("-p", parent)]
    return own(
        "-c", f"user.name={name}", "-c", f"user.email={email}",
        "commit-tree", "--no-gpg-sign", *options, "-F", "-", tree, stdin=message.encode(),
    ).strip()  # fmt: skip


def log_entry(own: PrivateGit, words: str) -> Log:
    """Return what a reflog says of something that is done here."""
    return Log(*identity(own.config), words)


def publish_index(own: PrivateGit, worktree: Registered, absent: Iterable[str] = ()) -> None:
    """Put our index in the place of a worktree's own.

    Parameters
    ----------
    absent : iterable of str
        Files that a sparse checkout does not have.

    Raises
    ------
    GitFailed
    """
    names = os.fsencode("\0".join(absent))
    if names:
        own("update-index", "--skip-worktree", "-z", "--stdin", stdin=names)
    place = os.path.join(worktree.entry, "index")
    try:
        with open(own.index, "rb") as source, replacing(own.repository.common, place) as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except OSError as error:
        raise GitFailed(f"its index can't be written ({error.strerror})") from None


@contextmanager
def locked_index(repository: Repository, worktree: Registered) -> Iterator[None]:
    """Keep other gits from writing a worktree's index.

    Raises
    ------
    GitFailed
    """
    place = os.path.join(worktree.entry, "index.lock")
    try:
        create(repository.common, place, b"")
    except FileExistsError:
        raise GitFailed("its index.lock exists: another git is at work, or was killed") from None
    except OSError as error:
        raise GitFailed(f"its index can't be locked ({error.strerror})") from None
    try:
        yield
    finally:
        with suppress(OSError), parent_of(repository.common, place) as (directory, name):
            os.unlink(name, dir_fd=directory)
