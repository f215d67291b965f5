"""Bring a worktree in which an agent may be at work from one commit to another.

Git looks at a directory once and then writes all of its files by their paths (2.39): one that
becomes a link meanwhile leads them elsewhere. So git writes into a directory of ours, and each
file is moved from there through descriptors.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress

from ..git.files import NEW
from ..git.private import PrivateGit
from ..nofollow import open_file, parent_of


def check_room(own: PrivateGit, head: str, merged: str, large: Mapping[str, str]) -> None:
    """Make sure that nothing would be overwritten; changes nothing.

    Parameters
    ----------
    large : mapping
        Large files that differ in the two, which were compared already: to their objects in
        ``head``. Git would take each for changed.

    Raises
    ------
    GitFailed
        In git's words.
    """
    tree = merged
    if large:
        index = os.path.join(own.path, "room-index")
        own("read-tree", merged, index=index)
        kept = "".join(f"100644 {object_id}\t{name}\0" for name, object_id in large.items())
        own("update-index", "--replace", "-z", "--index-info", stdin=os.fsencode(kept), index=index)
        tree = own("write-tree", "--missing-ok", index=index).strip()
    own("read-tree", "-m", "-u", "--dry-run", head, tree)


def bring(own: PrivateGit, into: int, head: str, merged: str) -> None:
    """Write and delete the files that two commits differ in; the index is the second one's then.

    Parameters
    ----------
    into : int
        The worktree's descriptor.

    Raises
    ------
    GitFailed, OSError
    """
    place = own.scratch("checkout")
    own("read-tree", "-m", "-u", head, merged, directory=place)
    listing = own("diff-tree", "-r", "--raw", "-z", "--no-renames", head, merged).split("\0")
    pairs = zip(listing[::2], listing[1::2], strict=False)
    changed = [(entry.split(" ")[1], name) for entry, name in pairs]
    for mode, name in changed:
        if mode == "000000":
            _delete(into, name)
    made = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for mode, name in changed:
            if mode != "000000":
                _move(made, into, name)
    finally:
        os.close(made)


def _delete(into: int, name: str) -> None:
    """Delete a file, and the directories that have nothing else in them."""
    gone = (FileNotFoundError, NotADirectoryError)
    with suppress(*gone), parent_of(into, name) as (directory, last):
        try:
            os.unlink(last, dir_fd=directory)
        except IsADirectoryError:  # A submodule, which stays unless it is empty.
            with suppress(OSError):
                os.rmdir(last, dir_fd=directory)
    with suppress(OSError):
        while name := os.path.dirname(name):
            with parent_of(into, name) as (directory, last):
                os.rmdir(last, dir_fd=directory)


def _move(made: int, into: int, name: str) -> None:
    with suppress(FileNotFoundError), parent_of(made, name) as (source, last):
        status = os.stat(last, dir_fd=source, follow_symlinks=False)
        with parent_of(into, name, make=True) as (target, _):
            if stat.S_ISDIR(status.st_mode):  # A submodule's, which is empty.
                with suppress(FileExistsError):
                    os.mkdir(last, dir_fd=target)
                return
            with suppress(OSError):  # An empty directory is no reason to stop.
                os.rmdir(last, dir_fd=target)
            try:
                os.rename(last, last, src_dir_fd=source, dst_dir_fd=target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _copy(source, target, last, status.st_mode)


def _copy(source: int, target: int, name: str, mode: int) -> None:
    temporary = f".agentauth-{secrets.token_hex(8)}"
    try:
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(name, dir_fd=source), temporary, dir_fd=target)
        else:
            with (
                open_file(source, name) as file,
                open(os.open(temporary, NEW, 0o600, dir_fd=target), "wb") as copied,
            ):
                shutil.copyfileobj(file, copied, 1 << 20)
                os.fchmod(copied.fileno(), stat.S_IMODE(mode))
        os.rename(temporary, name, src_dir_fd=target, dst_dir_fd=target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=target)
        raise
