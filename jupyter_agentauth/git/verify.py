"""Objects that are what they are named after.

Git does not look at that when it reads (2.39), and an agent can write any file into the
repository's objects. So what a review shows, and what a merge puts into files, is read once more.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import IO

from ..nofollow import parent_of
from .private import PrivateGit
from .run import GitFailed

#: Of a line of ``git cat-file --batch``.
_LONGEST = 256


def verify_difference(own: PrivateGit, *commits: str) -> None:
    """Make sure of all objects that two commits or trees differ in, and of themselves.

    Raises
    ------
    GitFailed
        Names the first that is forged.
    """
    listing = own("diff-tree", "-r", "-t", "--raw", "-z", "--no-renames", "--abbrev=64", *commits)
    wanted = dict.fromkeys(commits)
    for commit in commits:
        wanted[own("rev-parse", f"{commit}^{{tree}}").strip()] = None
    for entry in listing.split("\0")[::2]:
        if entry:
            before, after, *ids = entry.split(" ")[:4]
            for mode, object_id in zip((before[1:], after), ids, strict=True):
                if mode not in ("000000", "160000"):
                    wanted[object_id] = None
    for object_id in wanted:
        _check_no_link(own.repository.common, object_id)
    given = "\n".join(wanted).encode()
    own.beginning("cat-file", "--batch", stdin=given, read=lambda output: _check(output, wanted))


def _check_no_link(common: str, object_id: str) -> None:
    """Refuse an object that is a link: it would be one of another repository."""
    place = f"objects/{object_id[:2]}/{object_id[2:]}"
    with suppress(FileNotFoundError), parent_of(common, place) as (directory, name):
        if stat.S_ISLNK(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            raise GitFailed(f"the object {object_id} is a symbolic link")


def _check(output: IO[bytes], wanted: Iterable[str]) -> None:
    for object_id in wanted:
        fields = output.readline(_LONGEST).split()
        if len(fields) != 3:
            raise GitFailed(f"the object {object_id} is missing")
        digest = (hashlib.sha256 if len(object_id) == 64 else hashlib.sha1)()
        digest.update(b"%s %s\0" % (fields[1], fields[2]))
        left = int(fields[2])
        while left and (chunk := output.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
        output.read(1)
        if digest.hexdigest() != object_id:
            raise GitFailed(f"the object {object_id} is forged: its content is another one's")
