"""All that is in a worktree, as a tree: for a review, a merge, or to be kept.

::

    status ──► names that differ ──► the files, through ──► a directory ──► a tree, in a git
                                     descriptors            of ours        directory of ours

Git itself reads a file of the worktree only to compare it. So what a review shows and what is
merged are made in one way, and nothing outside of the worktree is read in the place of a file.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..git.files import NEW, check_space
from ..git.kept import Kept
from ..git.large import pointer_of
from ..git.private import LONG, PrivateGit, private_git
from ..git.repository import Registered, Repository, opened_worktree
from ..git.run import GitFailed
from ..nofollow import open_file, parent_of
from .filters import LARGE
from .status import Differences, differences

#: Of all the files of a review, in bytes: a sparse file costs nothing where it is.
_MOST_SHOWN = 1 << 29


@dataclass(frozen=True)
class Content:
    """What a worktree holds.

    Parameters
    ----------
    own : PrivateGit
        Has the tree.
    root : int
        The worktree's descriptor.
    tree : str
    head_tree : str
        Of its last commit.
    left_out : dict
        Files that differ and are in the tree as in the last commit: to the reason.
    """

    own: PrivateGit
    root: int
    tree: str
    head_tree: str
    found: Differences
    left_out: dict[str, str]

    @property
    def large(self) -> list[str]:
        """The large files among those that differ."""
        return [name for name, filter_ in self.found.filtered.items() if filter_ == LARGE]

    @property
    def filtered(self) -> list[str]:
        """Those that pass through another filter."""
        return [name for name, filter_ in self.found.filtered.items() if filter_ != LARGE]

    def only_staged(self) -> list[str]:
        """Return what was staged and is in no file."""
        if not self.found.staged:
            return []
        listing = self.own(
            "diff-index", "--cached", "--name-only", "-z", "--no-renames", self.tree,
            index=self.own.their_index,
        )  # fmt: skip
        return sorted(self.found.staged.keys() & set(listing.split("\0")))


@contextmanager
def content(
    repository: Repository,
    worktree: Registered,
    filtered: bool = False,
    seconds: float = LONG,
    largest: int | None = None,
) -> Iterator[Content]:
    """Look through a worktree, and give what it holds.

    Parameters
    ----------
    filtered : bool
        Take files of filters that we do not run as they are.
    seconds : float
        How long that may take.
    largest : int, optional
        Bytes of a file that is taken; without it, what half of the free space holds.

    Raises
    ------
    GitFailed
    """
    with opened_worktree(repository, worktree) as root, private_git(repository, worktree) as own:
        own.read_tree(worktree.commit, timeout=seconds)
        head_tree = own("write-tree", "--missing-ok").strip()
        kept = Kept(worktree.path, repository.common)
        options = "--untracked-files=all"
        found = differences(own, worktree, kept, options, timeout=seconds)
        if found.passed_over or found.staged:  # Our index has marks and names that are not HEAD's.
            own("read-tree", worktree.commit or "--empty")
        copies = _Copies(root, own.scratch("files"), found, kept.facts["large"], largest)
        left_out = copies.take(filtered, seconds)
        _into_index(own, copies, found)
        left_out |= _not_taken(own, copies)
        tree = own("write-tree", "--missing-ok").strip()
        kept.keep()
        yield Content(own, root, tree, head_tree, found, left_out)


def _into_index(own: PrivateGit, copies: _Copies, found: Differences) -> None:
    names = os.fsencode("\0".join([*found.deleted, *copies.taken]))
    if names:
        own("update-index", "--add", "--remove", "--replace", "-z", "--stdin",
            stdin=names, directory=copies.place)  # fmt: skip
    links = "".join(f"160000 {commit}\t{name}\0" for name, commit in found.links.items())
    if links:
        own("update-index", "-z", "--index-info", stdin=os.fsencode(links))


def _not_taken(own: PrivateGit, copies: _Copies) -> dict[str, str]:
    """Return the files whose names git does not take, such as ``.GIT/x`` and ``git~1``.

    It lists them as untracked, and passes over them without an error when they are added (2.39).
    """
    there = [name for name in copies.taken if os.path.lexists(os.path.join(copies.place, name))]
    if not there:
        return {}
    taken = set(own("ls-files", "-z").split("\0"))
    return {name: "git takes no such name" for name in there if name not in taken}


class _Copies:
    """Copies of the files that differ, in a directory of ours."""

    def __init__(
        self, root: int, place: str, found: Differences, large: dict[str, Any], largest: int | None
    ) -> None:
        self.place = place
        self.taken: list[str] = []
        self._root = root
        self._found = found
        self._large = large
        self._largest = largest
        self._size = 0
        # What they hold is written once more, as objects.
        self._most = shutil.disk_usage(place).free // 2
        if largest is not None:
            self._most = min(self._most, _MOST_SHOWN)

    def take(self, filtered: bool, seconds: float) -> dict[str, str]:
        """Copy them; return those that were not copied, with the reason."""
        left_out, found = {}, self._found
        until = time.monotonic() + seconds
        for name in dict.fromkeys([*found.changed, *found.untracked, *found.added, *found.staged]):
            passes = found.filtered.get(name)
            if passes not in (None, LARGE) and not filtered:
                left_out[name] = f"its filter {passes} is not run here"
                continue
            if time.monotonic() > until:
                raise GitFailed("there is too much in it")
            try:
                self._copy(name, passes == LARGE)
                self.taken.append(name)
            except FileNotFoundError:
                self.taken.append(name)  # Gone meanwhile.
            except OSError as error:
                left_out[name] = error.strerror or str(error)
        return left_out

    def _copy(self, name: str, large: bool) -> None:
        # Also in our directory no link is followed: a link of the worktree's can lie there by now.
        with (
            parent_of(self._root, name) as (directory, last),
            parent_of(self.place, name, make=True) as (copies, _),
        ):
            if stat.S_ISLNK(os.stat(last, dir_fd=directory, follow_symlinks=False).st_mode):
                os.symlink(os.readlink(last, dir_fd=directory), last, dir_fd=copies)
                return
            with open_file(directory, last) as source:
                status = os.fstat(source.fileno())
                if not large:
                    self._check_size(status.st_size)
                mode = 0o600 | status.st_mode & 0o100
                with open(os.open(last, NEW, mode, dir_fd=copies), "wb") as copied:
                    if large:
                        copied.write(pointer_of(self._root, name, self._large).text)
                    else:
                        shutil.copyfileobj(source, copied, 1 << 20)

    def _check_size(self, size: int) -> None:
        if self._largest is not None and size > self._largest:
            raise OSError(errno.EFBIG, f"it is too large ({size:,} bytes)")
        self._size += size
        if self._size > self._most:
            self._size -= size
            raise OSError(errno.EFBIG, "there is too much in the worktree")
        check_space(self.place, size)
