"""Files that pass through a filter on their way into git: none is run, some are done by us.

Git LFS is: see `git.large`. Of any other (git-crypt, nbstripout) it can't be told whether a file
that differs from what git keeps was changed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from typing import Any

from ..git.large import Pointer, pointer_of, pointers
from ..git.private import PrivateGit
from ..nofollow import parent_of

#: The name that git-lfs gives its filter.
LARGE = "lfs"


class Filters:
    """The filters that the user's git runs in a worktree.

    Parameters
    ----------
    own : PrivateGit
        With the worktree's last commit in its index.
    hashes : dict
        Of large files, see `pointer_of`.
    """

    def __init__(self, own: PrivateGit, hashes: dict[str, Any]) -> None:
        self._own = own
        self.hashes = hashes
        self.names = set(filter(None, own.config["filters"].split("\0")))
        #: Tracked large files: to their object.
        self.large: dict[str, str] = {}

    def find_large_files(self) -> None:
        """Look for tracked large files."""
        if LARGE not in self.names:
            return
        listing = self._own("ls-files", "--stage", "-z", f":(attr:filter={LARGE})")
        for entry in filter(None, listing.split("\0")):
            facts, _, name = entry.partition("\t")
            self.large[name] = facts.split(" ")[1]

    def pass_over_large_files(self, over: bool) -> None:
        """Have git not look at tracked large files: it would read them as a whole, in vain."""
        if self.large:
            option = "--assume-unchanged" if over else "--no-assume-unchanged"
            names = os.fsencode("\0".join(self.large))
            self._own("update-index", option, "-z", "--stdin", stdin=names)

    def look_at_large_files(self) -> tuple[list[str], list[str]]:
        """Return the large files that differ, and those that are gone."""
        changed, gone = [], []
        known = pointers(self._own, set(self.large.values())) if self.large else {}
        for name, object_id in self.large.items():
            kind = kind_of(self._own.worktree, name)
            if not kind:
                gone.append(name)
            elif not stat.S_ISREG(kind) or self._differs(name, known.get(object_id)):
                changed.append(name)
        return changed, gone

    def _differs(self, name: str, pointer: Pointer | None) -> bool:
        try:
            return pointer is None or pointer_of(self._own.worktree, name, self.hashes) != pointer
        except OSError:
            return True

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Return the filter of each of these files that has one with a command."""
        if not self.names:
            return {}
        given = os.fsencode("\0".join(names))
        fields = self._own("check-attr", "-z", "--stdin", "filter", stdin=given).split("\0")
        found = zip(fields[::3], fields[2::3], strict=False)
        return {name: value for name, value in found if value in self.names}


def kind_of(root: str | int, name: str) -> int:
    """Return the mode of a file of a worktree; 0 where there is none."""
    try:
        with parent_of(root, name) as (directory, last):
            return os.stat(last, dir_fd=directory, follow_symlinks=False).st_mode
    except OSError:
        return 0
