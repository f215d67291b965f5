"""All that is in a worktree, as a tree: for a review, a merge, or to be kept.

::

    status ──► names that differ ──► the files, through ──► a directory ──► a tree, in a git
                                     descriptors            of ours        directory of ours

Git itself reads a file of the worktree only to compare it. So what a review shows and what is
merged are made in one way, and nothing outside of the worktree is read in the place of a file.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..git.files import opened
from ..git.kept import Kept
from ..git.large import pointer_of
from ..git.private import PrivateGit, private_git
from ..git.repository import Registered, Repository, opened_worktree
from ..nofollow import parent_of
from .filters import LARGE
from .status import Differences, differences


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
    left_out : frozenset of str
        Files that differ and are in the tree as in the last commit: they may not be read, or
        pass through a filter that is not run.
    """

    own: PrivateGit
    root: int
    tree: str
    head_tree: str
    found: Differences
    left_out: frozenset[str]

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
    repository: Repository, worktree: Registered, filtered: bool = False
) -> Iterator[Content]:
    """Look through a worktree, and give what it holds.

    Parameters
    ----------
    filtered : bool
        Take files of filters that we do not run as they are.

    Raises
    ------
    GitFailed
    """
    with opened_worktree(repository, worktree) as root, private_git(repository, worktree) as own:
        own.read_tree(worktree.commit)
        head_tree = own("write-tree", "--missing-ok").strip()
        kept = Kept(worktree.path, repository.common)
        found = differences(own, worktree, kept, "--untracked-files=all")
        left_out = _into_index(own, root, found, filtered, kept)
        tree = own("write-tree", "--missing-ok").strip()
        kept.keep()
        yield Content(own, root, tree, head_tree, found, frozenset(left_out))


def _into_index(
    own: PrivateGit, root: int, found: Differences, filtered: bool, kept: Kept
) -> list[str]:
    """Put what differs into our index, and return what could not be."""
    place, left_out, taken = own.scratch("files"), [], list(found.deleted)
    for name in dict.fromkeys([*found.changed, *found.untracked, *found.added, *found.staged]):
        passes = found.filtered.get(name)
        if passes not in (None, LARGE) and not filtered:
            left_out.append(name)
            continue
        try:
            _copy(root, name, place, kept.facts["large"] if passes == LARGE else None)
            taken.append(name)
        except FileNotFoundError:
            taken.append(name)  # Gone meanwhile.
        except OSError:
            left_out.append(name)
    if found.passed_over:
        own("read-tree", "HEAD")
    if taken:
        own("update-index", "--add", "--remove", "--replace", "-z", "--stdin",
            stdin=os.fsencode("\0".join(taken)), directory=place)  # fmt: skip
    links = "".join(f"160000 {commit}\t{name}\0" for name, commit in found.links.items())
    if links:
        own("update-index", "-z", "--index-info", stdin=os.fsencode(links))
    return left_out


def _copy(root: int, name: str, place: str, large: dict[str, Any] | None) -> None:
    target = os.path.join(place, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with parent_of(root, name) as (directory, last):
        if stat.S_ISLNK(os.stat(last, dir_fd=directory, follow_symlinks=False).st_mode):
            os.symlink(os.readlink(last, dir_fd=directory), target)
            return
        with opened(directory, last) as source, open(target, "xb") as copied:
            os.fchmod(copied.fileno(), 0o600 | os.fstat(source.fileno()).st_mode & 0o100)
            if large is not None:
                copied.write(pointer_of(root, name, large).text)
            else:
                shutil.copyfileobj(source, copied, 1 << 20)
