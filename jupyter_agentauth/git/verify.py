"""Objects that are what they are named after.

Git does not look at that when it reads (2.39), and an agent can write any file into the
repository's objects. So what a review shows, and what a merge puts into files, is read once more.
"""

from __future__ import annotations

import hashlib

from .private import PrivateGit
from .run import GitFailed

#: Of objects that are looked at together, in bytes.
_LARGEST = 1 << 30


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
    given = "\n".join(wanted).encode()
    output, whole = own.beginning("cat-file", "--batch", stdin=given, limit=_LARGEST)
    if not whole:
        raise GitFailed("it differs in more than a gigabyte, which is not looked through")
    _check(output, list(wanted))


def _check(output: bytes, wanted: list[str]) -> None:
    start = 0
    for object_id in wanted:
        end = output.index(b"\n", start)
        fields = output[start:end].split(b" ")
        if len(fields) != 3:
            raise GitFailed(f"the object {object_id} is missing")
        size = int(fields[2])
        algorithm = hashlib.sha256 if len(object_id) == 64 else hashlib.sha1
        digest = algorithm(b"%s %d\0" % (fields[1], size))
        digest.update(memoryview(output)[end + 1 : end + 1 + size])
        if digest.hexdigest() != object_id:
            raise GitFailed(f"the object {object_id} is forged: its content is another one's")
        start = end + size + 2
