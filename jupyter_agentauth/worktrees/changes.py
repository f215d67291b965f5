"""What changed in a worktree, untracked files too: its content as a tree, compared with a commit's.

What is shown is read from git's objects alone, each of which is what it is named after. No
attribute of the worktree has a say in it: a file is binary when it holds a NUL.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ..errors import Conflict, shown
from ..git.private import PrivateGit
from ..git.repository import Registered, Repository
from ..git.run import GitFailed
from ..git.verify import verify_difference
from .content import Content, content
from .status import empty_id

#: Of the unified text, in bytes.
DIFF_LIMIT = 1 << 20

#: Of the list of files, and of git's form of it in bytes.
_MOST_FILES, _LIST_LIMIT = 2000, 16 << 20

#: A larger file is listed, and not shown.
_LARGEST = 32 << 20

_SECONDS = 120

#: How many files a sentence names.
_NAMED = 5

_STATUS = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "U": "unmerged"}

#: A bigger file is shown as a binary one, for git would read it as a whole.
_DIFF = (
    "-c", "core.quotePath=false", "-c", "core.bigFileThreshold=4m", "-c", "diff.renameLimit=400",
    "diff-tree", "-r", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames",
    "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip


@dataclass(frozen=True)
class ChangedFile:
    """One file; the lines are ``None`` where they cannot be counted, as of a binary one.

    Parameters
    ----------
    was : str or None
        Of a renamed one, its name before.
    """

    path: str
    status: str
    added: int | None
    removed: int | None
    was: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "path": self.path,
            "status": self.status,
            "added": self.added,
            "removed": self.removed,
        }


@dataclass(frozen=True)
class Changes:
    """The contract's object of ``GET worktrees/changes``.

    Parameters
    ----------
    base : str or None
        The commit that is compared with; ``None`` where there is none.
    truncated : bool
        Whether files or parts of the diff are left out.
    problem : str or None
        What can't be determined.
    """

    since: str
    base: str | None
    files: tuple[ChangedFile, ...]
    diff: str
    truncated: bool
    problem: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "since": self.since,
            "base": self.base,
            "files": [file.to_json() for file in self.files],
            "diff": self.diff,
            "truncated": self.truncated,
            "problem": self.problem,
        }


def worktree_changes(
    repository: Repository,
    worktree: Registered,
    since: str,
    base: str | None = None,
    without: tuple[str, ...] = (),
) -> Changes:
    """Compare a worktree with a commit.

    Parameters
    ----------
    since : str
        ``head`` for its last commit, ``base`` for where it left the main worktree's branch.
    base : str, optional
        A commit to compare with in place of that; an empty one is the beginning of all.
    without : tuple of str
        Files that are left out.

    Raises
    ------
    Conflict
    """
    try:
        with content(repository, worktree, True, _SECONDS, _LARGEST) as held:
            base = _base(held.own, worktree, since) if base is None else base or None
            return _compare(held, since, base, frozenset(without))
    except (GitFailed, OSError) as error:
        raise Conflict(
            f"What changed in {shown(worktree.path)} can't be determined: {error}.", "git_failed"
        ) from None


def changed_files(own: PrivateGit, old: str, new: str) -> list[ChangedFile]:
    """Return the files that two commits differ in.

    Raises
    ------
    GitFailed
    """
    listing, whole = own.beginning(
        *_DIFF, "--raw", "--numstat", "-z", old, new,
        directory=os.path.join(own.path, "empty"), timeout=_SECONDS, limit=_LIST_LIMIT,
    )  # fmt: skip
    return parse_changes(os.fsdecode(listing), whole)


def _base(own: PrivateGit, worktree: Registered, since: str) -> str | None:
    main = own.repository.refs.head()[1]  # A bare repository has a HEAD, too.
    if since == "head" or worktree.commit is None or main is None:
        return worktree.commit
    try:
        return own("merge-base", worktree.commit, main).split("\n")[0]
    except GitFailed:
        return None


def _compare(held: Content, since: str, base: str | None, without: frozenset[str]) -> Changes:
    own, found = held.own, held.found
    against = base or empty_id(own, "tree")
    verify_difference(own, against, held.tree)
    new = {*found.untracked}
    files = [
        replace(file, status=_status(file, found.unmerged, new))
        for file in changed_files(own, against, held.tree)
    ]
    known = {file.path for file in files}
    files += [
        ChangedFile(
            name, "untracked" if name in new or name.endswith("/") else "modified", None, None
        )
        for name in {*held.left_out, *found.nested} - known
    ]
    files = sorted((f for f in files if f.path not in without), key=lambda file: file.path)
    left_out = (f":(top,exclude,literal){name}" for name in without)
    text, all_of_it = own.beginning(
        *_DIFF, "--patch", against, held.tree, "--", *left_out,
        directory=os.path.join(own.path, "empty"), limit=DIFF_LIMIT, timeout=_SECONDS,
    )  # fmt: skip
    if not all_of_it:
        text = text[: text.rfind(b"\n") + 1]
    return Changes(
        since,
        base,
        tuple(files[:_MOST_FILES]),
        text.decode(errors="replace"),
        truncated=not all_of_it or len(files) > _MOST_FILES,
        problem=problem(held),
    )


def _status(file: ChangedFile, unmerged: set[str], new: set[str]) -> str:
    if file.path in unmerged:
        return "unmerged"
    return "untracked" if file.status == "added" and file.path in new else file.status


def problem(held: Content) -> str | None:
    """Say what can't be determined of a worktree's files, and what is left out."""
    sentences = []
    if held.filtered:
        filters = ", ".join(map(shown, sorted({held.found.filtered[n] for n in held.filtered})))
        sentences.append(
            f"{named(held.filtered)}: whether that changed can't be determined, since its filter "
            f"({filters}) is not run here; it is left out of what is applied."
        )
    others = {name: why for name, why in held.left_out.items() if name not in held.filtered}
    if others:
        why = next(iter(others.values()))
        sentences.append(f"{named(list(others))}: what changed in it can't be determined ({why}).")
    return " ".join(sentences) or None


def named(files: list[str]) -> str:
    """Return some names for a sentence, and how many more there are."""
    names = ", ".join(shown(name) for name in files[:_NAMED])
    rest = len(files) - _NAMED
    return f"{names} and {rest} more" if rest > 0 else names


def parse_changes(listing: str, whole: bool) -> list[ChangedFile]:
    """Parse ``--raw --numstat -z``: first how each file changed, then how many lines."""
    fields = iter(listing.split("\0") if whole else listing.split("\0")[:-1])
    statuses: dict[str, str] = {}
    lines: dict[str, tuple[int | None, int | None]] = {}
    before: dict[str, str] = {}
    for field in fields:
        if field.startswith(":"):
            letter = field.rsplit(" ", 1)[1][0]
            path = next(fields, "")
            if letter in "RC":
                was, path = path, next(fields, "")
                before[path] = was
            # Where a merge is unfinished, a file has a second entry of another kind.
            if statuses.get(path) != "unmerged":
                statuses[path] = _STATUS.get(letter, "modified")
        elif field:
            added, removed, path = field.split("\t", 2)
            if not path:
                next(fields, "")
                path = next(fields, "")
            lines[path] = _number(added), _number(removed)
    return [
        ChangedFile(path, status, *lines.get(path, (None, None)), before.get(path))
        for path, status in statuses.items()
        if path
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
