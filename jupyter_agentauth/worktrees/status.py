"""What differs in a worktree from its last commit.

Git compares the files with an index of ours, so it believes nothing that an agent could have
written down of them. The worktree's own index is asked for what is nowhere else: what was staged.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from ..git.files import copy, line, stamp
from ..git.kept import Kept
from ..git.paths import inside
from ..git.private import LONG, PrivateGit
from ..git.refs import ID, Refs
from ..git.repository import Registered
from ..git.run import GitFailed
from .filters import Filters, kind_of

#: Of an index that is read, in bytes: a million files have about a hundred of these.
_LARGEST_INDEX = 1 << 28


@dataclass
class Differences:
    """The files that differ, by name.

    Parameters
    ----------
    changed : list of str
        Tracked ones, which are there.
    links : dict
        Submodules, to the commits that are checked out in them.
    untracked, nested : list of str
        New files; new repositories and the like, whose names end in a slash.
    added : list of str
        New files that git was told of (``git add``).
    staged : dict
        What was staged and differs from the last commit: to mode and object.
    unmerged : set of str
    filtered : dict
        Of those changed and untracked, the ones that pass through a filter, to its name.
    passed_over : bool
        Whether our index has git pass over large files.
    absent : set of str
        Files that are not there since the checkout is a sparse one.
    index_problem : str or None
        Why the worktree's own index can't be read.
    """

    changed: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    untracked: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    staged: dict[str, tuple[str, str]] = field(default_factory=dict)
    unmerged: set[str] = field(default_factory=set)
    filtered: dict[str, str] = field(default_factory=dict)
    passed_over: bool = False
    absent: set[str] = field(default_factory=set)
    index_problem: str | None = None

    @property
    def names(self) -> set[str]:
        """All that differ, with what differs only as staged."""
        groups = (self.changed, self.deleted, self.links, self.untracked, self.nested, self.added)
        return set().union(*groups, self.staged, self.unmerged)


def differences(
    own: PrivateGit,
    worktree: Registered,
    kept: Kept,
    *options: str,
    timeout: float = LONG,
    hasty: bool = False,
) -> Differences:
    """Compare the files of a worktree with our index, which has its last commit.

    Parameters
    ----------
    kept : Kept
        Has the hashes of large files.
    options : str
        Of ``git status``, such as which untracked files it names.
    hasty : bool
        Go by what is kept of the worktree's own index, too.

    Raises
    ------
    GitFailed
    """
    found = Differences()
    try:
        _add_staged(own, worktree, found, kept, hasty)
    except GitFailed as error:
        found.index_problem = str(error)
    filters = Filters(own, kept.facts.setdefault("large", {}))
    filters.find_large_files()
    filters.pass_over_large_files(True)
    # Of a submodule git reads the commit alone: it would run by the submodule's configuration.
    listing = own(
        "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty", *options,
        timeout=timeout,
    )  # fmt: skip
    found.passed_over = bool(filters.large)
    for entry in filter(None, listing.split("\0")):
        _sort(own, found, entry[:2], entry[3:])
    changed, gone = filters.look_at_large_files()
    found.changed += changed
    deleted = [*found.deleted, *gone]
    found.absent = _absent(own, deleted)
    found.deleted = [name for name in deleted if name not in found.absent]
    found.filtered = filters.of([*found.changed, *found.untracked, *found.added])
    return found


def _sort(own: PrivateGit, found: Differences, letters: str, name: str) -> None:
    if letters[0] == "A":
        if letters[1] != "D":
            found.added.append(name)
    elif letters[1] == "?":
        (found.nested if name.endswith("/") else found.untracked).append(name)
    elif letters[1] == "D":
        found.deleted.append(name)
    elif letters[1] != "!":
        kind = kind_of(own.worktree, name)
        commit = _submodule_commit(own, name) if stat.S_ISDIR(kind) else None
        if commit is not None:
            found.links[name] = commit
        elif stat.S_ISREG(kind) or stat.S_ISLNK(kind):
            found.changed.append(name)
        else:
            found.deleted.append(name)  # Something else is in its place.


def _add_staged(
    own: PrivateGit, worktree: Registered, found: Differences, kept: Kept, hasty: bool
) -> None:
    """Add what the worktree's own index has and its last commit has not; new files to ours, too."""
    theirs, common = own.their_index, own.repository.common
    place = os.path.join(worktree.entry, "index")
    # An index in which nothing was staged then.
    unchanged = [worktree.commit, stamp(common, place)]
    if hasty and kept.facts.get("index") == unchanged:
        return
    kept.facts["index"] = None
    if not copy(common, place, theirs, _LARGEST_INDEX):
        return
    against = worktree.commit or empty_id(own, "tree")
    listing = own("diff-index", "--cached", "--raw", "-z", "--no-renames", "--abbrev=64",
                  against, index=theirs)  # fmt: skip
    fields = listing.split("\0")
    empty, added = empty_id(own, "blob"), []
    for entry, name in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, object_id, letter = entry.split(" ")
        if not is_plain(name):
            raise GitFailed(f"its index names {name!r}, which no file of a worktree can be called")
        if letter == "U":
            found.unmerged.add(name)
        elif letter != "D" and object_id != empty:  # As `git add --intent-to-add` has it.
            found.staged[name] = (mode, object_id)
            if letter == "A" and mode != "160000":
                added.append(f"{mode} {empty}\t{name}\0")
    if added:
        own("update-index", "-z", "--index-info", stdin=os.fsencode("".join(added)))
    if not found.staged and not found.unmerged:
        kept.facts["index"] = unchanged


def empty_id(own: PrivateGit, kind: str) -> str:
    """Return the id of an empty file (``blob``) or directory (``tree``)."""
    algorithm = hashlib.sha256 if len(own.repository.zero) == 64 else hashlib.sha1
    return algorithm(f"{kind} 0\0".encode()).hexdigest()


def is_plain(name: str) -> bool:
    """Whether a name stays in the worktree, outside of its git data."""
    parts = name.split("/")
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in parts)


def _absent(own: PrivateGit, names: list[str]) -> set[str]:
    """Return those of these files that a sparse checkout does not have.

    Only unpacking a tree has git go by the patterns in its own way (2.39): one of empty files.
    """
    if not names or not os.path.exists(os.path.join(own.path, "info/sparse-checkout")):
        return set()
    index = os.path.join(own.path, "sparse-index")
    empty = own("hash-object", "-w", "--stdin").strip()
    entries = "".join(f"100644 {empty}\t{name}\0" for name in names)
    own("update-index", "-z", "--index-info", stdin=os.fsencode(entries), index=index)
    tree = own("write-tree", index=index).strip()
    os.unlink(index)
    own("read-tree", "-m", "-u", tree, index=index, directory=own.scratch("sparse"))
    listing = own("ls-files", "-t", "-z", index=index).split("\0")
    return {entry[2:] for entry in listing if entry.startswith("S ")}


def _submodule_commit(own: PrivateGit, name: str) -> str | None:
    """Return the commit that is checked out in a submodule, as far as it is this repository's."""
    top = os.path.join(own.worktree, name)
    pointer = os.path.join(top, ".git")
    if os.path.isfile(pointer):
        words = (line(top, ".git") or "").removeprefix("gitdir: ")
        pointer = os.path.realpath(os.path.join(top, words))
    if not any(inside(pointer, place) for place in (own.worktree, own.repository.common)):
        return None
    head = line(pointer, "HEAD") or ""
    with suppress(GitFailed):
        if head.startswith("ref: refs/"):
            head = _reference(pointer, head.removeprefix("ref: ")) or ""
    return head if ID.fullmatch(head) else None


def _reference(git_directory: str, name: str) -> str | None:
    return Refs(git_directory).get(name)


def count(names: Iterable[str], what: str) -> str:
    """Return ``3 changed files``; empty for none."""
    number = len(list(names))
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
