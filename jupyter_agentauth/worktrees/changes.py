"""What changed in a worktree, untracked files too; nothing of it is touched for that.

An index of our own, a copy of the worktree's, takes the untracked files: git then compares all
in one go. Git starts nothing that the repository names for showing (external diffs, text
conversions), and looks into no submodule.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import Conflict, shown
from ..git.repository import Repository, check_belongs
from ..git.run import GitFailed, git, git_beginning
from ..own_filters import look_environment

#: Of the unified text, in bytes.
DIFF_LIMIT = 1 << 20

#: Of the list of files, and of git's form of it in bytes.
_MOST_FILES, _LIST_LIMIT = 2000, 16 << 20

_SECONDS = 120

_STATUS = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "U": "unmerged"}

#: What the diff of the user's own configuration would have changed in its form; a bigger
#: file is shown as a binary one, for git would read it as a whole.
_CONFIG = (
    "-c", "core.quotePath=false", "-c", "core.untrackedCache=false",
    "-c", "core.bigFileThreshold=4m", "-c", "diff.renameLimit=400",
)  # fmt: skip
_OPTIONS = (
    "--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--find-renames",
    "--ignore-submodules=dirty", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/",
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
    """

    since: str
    base: str | None
    files: tuple[ChangedFile, ...]
    diff: str
    truncated: bool

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "since": self.since,
            "base": self.base,
            "files": [file.to_json() for file in self.files],
            "diff": self.diff,
            "truncated": self.truncated,
        }


def worktree_changes(
    repository: Repository,
    path: str,
    since: str,
    base: str | None = None,
    without: tuple[str, ...] = (),
) -> Changes:
    """Compare a worktree with a commit.

    Parameters
    ----------
    path : str
        Its real path.
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
        check_belongs(repository, path)
        base = _base(path, since) if base is None else base or None
        looking = look_environment(path, repository.worktrees[0].path)
        with index_of_our_own(path, looking) as environment:
            untracked, nested = _add_untracked(path, environment)
            return _compare(path, since, base, environment, untracked, nested, without)
    except (GitFailed, OSError) as error:
        raise Conflict(
            f"Git cannot tell what changed in {shown(path)} ({error}): look there with "
            "`git status`.",
            "git_failed",
        ) from None


def _base(path: str, since: str) -> str | None:
    head = _commit(path, "HEAD")
    if since == "head" or head is None:
        return head
    try:
        # It also names the HEAD of a bare repository (git 2.39).
        return git(path, "merge-base", head, "main-worktree/HEAD").split("\n")[0]
    except GitFailed:
        return None


def _commit(path: str, name: str) -> str | None:
    try:
        return git(path, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except GitFailed:
        return None


@contextmanager
def index_of_our_own(path: str, looking: dict[str, str]) -> Iterator[dict[str, str]]:
    """Have git use a copy of a worktree's index, which nobody else sees.

    Parameters
    ----------
    looking : dict
        Of `own_filters.look_environment`.

    Yields
    ------
    dict
        The variables for git.
    """
    own = git(path, "rev-parse", "--absolute-git-dir")
    with tempfile.TemporaryDirectory(prefix="agentauth-") as directory:
        index = Path(directory) / "index"
        environment = {**looking, "GIT_INDEX_FILE": str(index)}
        if not _copied(os.path.join(own, "index"), index) and _commit(path, "HEAD"):
            git(path, "read-tree", "HEAD", timeout=_SECONDS, environment=environment)
        _look_at_all(path, environment)
        yield environment


def _look_at_all(path: str, environment: dict[str, str]) -> None:
    """Take from our index what would have git believe that a file is unchanged."""
    # `ls-files -v` gives a small letter to what `update-index --assume-unchanged` has marked, and
    # an S to what `--skip-worktree` has (git 2.39); in a sparse checkout such files are not there.
    listing = git(path, "ls-files", "-v", "-z", timeout=_SECONDS, environment=environment)
    entries = [(entry[:1], entry[2:]) for entry in listing.split("\0") if entry]
    assumed = [name for letter, name in entries if letter.islower()]
    skipped = [
        name
        for letter, name in entries
        if letter in "Ss" and os.path.lexists(os.path.join(path, name))
    ]
    for option, marked in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
        if marked:
            git(
                path, "update-index", option, "-z", "--stdin",
                timeout=_SECONDS, environment=environment, stdin=os.fsencode("\0".join(marked)),
            )  # fmt: skip


def _copied(source: str, target: Path) -> bool:
    """Copy a regular file; an agent can put anything in its place."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(source, flags)
    except OSError:
        return False
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        with open(target, "xb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
    return True


def _add_untracked(path: str, environment: dict[str, str]) -> tuple[set[str], list[str]]:
    """Put the untracked files into our index.

    Returns
    -------
    untracked : set of str
    nested : list of str
        Untracked ones that git is not shown: repositories, and what cannot be read.
    """
    others = ("ls-files", "--others", "--exclude-standard", "-z")
    output = git(path, *others, timeout=_SECONDS, environment=environment)
    untracked, nested = set(), []
    for name in filter(None, output.split("\0")):
        readable = os.path.islink(os.path.join(path, name)) or os.access(
            os.path.join(path, name), os.R_OK
        )
        if name.endswith("/") or not readable:
            nested.append(name)
        else:
            untracked.add(name)
    # With the id of an empty file, which need not be there: git looks at the worktree's.
    empty = git(path, "hash-object", "--stdin")
    entries = "".join(f"100644 {empty}\t{name}\0" for name in sorted(untracked))
    git(
        path, "update-index", "--replace", "-z", "--index-info",
        timeout=_SECONDS, environment=environment, stdin=os.fsencode(entries),
    )  # fmt: skip
    return untracked, nested


def _compare(
    path: str,
    since: str,
    base: str | None,
    environment: dict[str, str],
    untracked: set[str],
    nested: list[str],
    without: tuple[str, ...],
) -> Changes:
    left_out = [f":(top,exclude,literal){name}" for name in without]
    against = base or git(path, "hash-object", "-t", "tree", "--stdin")
    diff = (*_CONFIG, "diff", *_OPTIONS)
    listing, whole = git_beginning(
        path, *diff, "--raw", "--numstat", "-z", against, "--", *left_out,
        limit=_LIST_LIMIT, timeout=_SECONDS, environment=environment,
    )  # fmt: skip
    files = [
        ChangedFile(file.path, "untracked", file.added, file.removed)
        if file.path in untracked and file.status == "added"
        else file
        for file in parse_changes(os.fsdecode(listing), whole)
    ]
    files += [ChangedFile(name, "untracked", None, None) for name in nested if name not in without]
    text, all_of_it = git_beginning(
        path, *diff, "--patch", against, "--", *left_out,
        limit=DIFF_LIMIT, timeout=_SECONDS, environment=environment,
    )  # fmt: skip
    if not all_of_it:
        text = text[: text.rfind(b"\n") + 1]
    files.sort(key=lambda file: file.path)
    return Changes(
        since,
        base,
        tuple(files[:_MOST_FILES]),
        text.decode(errors="replace"),
        truncated=not (all_of_it and whole and len(files) <= _MOST_FILES),
    )


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
