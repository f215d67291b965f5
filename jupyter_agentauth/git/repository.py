"""A repository and its worktrees, read from git's own files: git itself only reads configuration.

A repository counts only if no other lies around it: what an agent made is always inside of
another.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from ..errors import NotFound, shown
from ..nofollow import parent_of
from .config import read_config
from .files import line, names
from .location import common_directory, git_directory, worktree_of
from .paths import inside, outermost
from .refs import Refs
from .run import GitFailed

#: Worktrees of one repository.
_MOST = 1000

#: Directories that are looked at for repositories: in one, and in all.
_MOST_IN_ONE, _MOST_LOOKED_AT = 5000, 50_000


@dataclass(frozen=True)
class Registered:
    """One worktree that a repository has on its list.

    Parameters
    ----------
    path : str
        Its real path, also of a directory that is gone.
    branch : str or None
        Without ``refs/heads/``; ``None`` in detached-HEAD state.
    head : str or None
        Its commit; zeros where there is none yet.
    locked : str or None
        The reason of ``git worktree lock``, which may be empty.
    entry : str
        Its own part of the git directory: ``worktrees/NAME``; empty for the main worktree.
    problem : str or None
        Why its branch and commit can't be determined.
    """

    path: str
    branch: str | None = None
    head: str | None = None
    main: bool = False
    locked: str | None = None
    entry: str = ""
    problem: str | None = None

    @property
    def commit(self) -> str | None:
        """Its commit; ``None`` where there is none."""
        return self.head if self.head and self.head.strip("0") else None


@dataclass(frozen=True)
class Repository:
    """A repository and its worktrees.

    Parameters
    ----------
    common : str
        Its git directory, without a link on the way.
    main : Registered or None
        The main worktree; ``None`` where the repository is bare.
    linked : tuple of Registered
    config : mapping
        See `read_config`.
    """

    common: str
    main: Registered | None
    linked: tuple[Registered, ...]
    config: Mapping[str, str]

    @property
    def refs(self) -> Refs:
        """Its references."""
        return Refs(self.common)

    @property
    def directory(self) -> str:
        """What stands for it: its main worktree, or itself where it is bare."""
        return self.main.path if self.main else self.common

    @property
    def worktrees(self) -> tuple[Registered, ...]:
        """All of them, the main one first."""
        return ((self.main,) if self.main else ()) + self.linked

    @property
    def zero(self) -> str:
        """The id of no object."""
        return "0" * (64 if self.config.get("extensions.objectformat") == "sha256" else 40)

    def worktree(self, path: str) -> Registered | None:
        """Return the entry of a path."""
        real = os.path.realpath(path)
        return next((w for w in self.worktrees if w.path == real), None)

    def holds_git_data(self, path: str) -> bool:
        """Whether a path lies in the git directory, or around it."""
        return inside(path, self.common) or inside(self.common, path)


def find_repository(
    path: str, root: str, passed_over: Callable[[str], bool] = lambda common: False
) -> tuple[Repository, Registered]:
    """Find the repository that has a path on its list, and the entry.

    Parameters
    ----------
    path : str
        Real path of a worktree. Its directory may be gone.
    root : str
        Where to look for the repository of one that is gone.
    passed_over : callable
        Whether a repository, by its git directory, is not even read on the way.

    Raises
    ------
    NotFound
    """
    around = outermost(path)
    for directory in [around] if around else repositories(root):
        with suppress(GitFailed):
            if not around and passed_over(repository_directory(directory)):
                continue
            repository = read_repository(directory)
            found = repository.worktree(path)
            if found is not None:
                return repository, found
    raise NotFound(
        f"{shown(path)} is not a worktree of a git repository: `git worktree list` names those "
        "that there are.",
        "worktree_not_found",
    )


def read_repository(directory: str) -> Repository:
    """Read the repository that a directory is a worktree of, or is itself.

    Raises
    ------
    GitFailed
        Why it is none, or which state of it can't be worked with.
    """
    try:
        return _read(os.path.realpath(directory))
    except (OSError, ValueError) as error:  # Whatever an agent has put there costs it alone.
        raise GitFailed(f"its git directory can't be read: {error}") from None


def repository_directory(directory: str) -> str:
    """Return the git directory of the repository that a directory says it belongs to.

    No git is started for it, and nothing of the repository but links between directories is read.

    Raises
    ------
    GitFailed
    """
    try:
        return common_directory(git_directory(os.path.realpath(directory)))
    except (OSError, ValueError) as error:
        raise GitFailed(f"its git directory can't be read: {error}") from None


def _read(directory: str) -> Repository:
    own = git_directory(directory)
    common = common_directory(own)
    config = read_config(common, common)
    if config.get("extensions.refstorage", "files") != "files":
        raise GitFailed("its references are in the reftable format, which is not supported")
    if not stat.S_ISDIR(os.lstat(os.path.join(common, "objects")).st_mode):
        raise GitFailed("its git directory has no object store of its own")
    repository = Repository(common, main_worktree(common, config), tuple(_linked(common)), config)
    if inside(own, directory) or repository.worktree(directory) is not None:
        return repository
    raise GitFailed("the git directory that its .git file names does not have it on its list")


@contextmanager
def opened_worktree(repository: Repository, worktree: Registered) -> Iterator[int]:
    """Open a worktree's directory, and make sure that it is the repository's.

    Raises
    ------
    GitFailed
        For one whose ``.git`` file is gone or leads elsewhere, or whose HEAD is odd.
    """
    if worktree.problem is not None:
        raise GitFailed(worktree.problem)
    own = os.path.join(repository.common, worktree.entry).rstrip("/")
    try:
        with parent_of("/", worktree.path) as (parent, name):
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            directory = os.open(name, flags, dir_fd=parent)
    except OSError as error:
        raise GitFailed(f"its directory can't be opened ({error.strerror})") from None
    try:
        # Of what was opened: another directory can take its name at any time.
        if git_directory(worktree.path, directory) != own:
            raise GitFailed("its .git file does not lead to its repository")
        yield directory
    finally:
        os.close(directory)


def repositories(root: str, depth: int = 2) -> Iterator[str]:
    """Yield the repositories around and below a directory, but none inside another's worktree.

    Parameters
    ----------
    depth : int
        How many levels below it; hidden directories and ``node_modules`` are passed over.
    """
    around = outermost(os.path.realpath(root))
    if around is not None:
        yield around
        return
    level = [Path(os.path.realpath(root))]
    for _ in range(depth):
        all_below = chain.from_iterable(map(_directories, level))
        below = list(islice(all_below, _MOST_LOOKED_AT))
        found = [directory for directory in below if os.path.lexists(directory / ".git")]
        yield from map(str, found)
        level = [directory for directory in below if directory not in found]


def main_worktree(common: str, config: Mapping[str, str]) -> Registered | None:
    """Return the main worktree, if there is one and its ``.git`` and its repository agree.

    Raises
    ------
    GitFailed
    """
    if config.get("core.bare") == "true":
        return None
    named = config.get("core.worktree") or ".."
    path = os.path.realpath(os.path.join(common, named))
    with suppress(GitFailed):
        if git_directory(path) == common:
            return _with_head(Registered(path, main=True), common)
    raise GitFailed(
        f"{shown(common)} does not name its worktree: `git --git-dir={shown(common)} config "
        "core.worktree DIRECTORY` does"
    )


def _linked(common: str) -> Iterator[Registered]:
    for name, is_directory in names(common, "worktrees", _MOST):
        entry = f"worktrees/{name}"
        if is_directory:
            try:
                path = worktree_of(os.path.join(common, entry))
                locked = line(common, f"{entry}/locked")
            except GitFailed:
                continue
            yield _with_head(Registered(path, entry=entry, locked=locked), common)


def _with_head(worktree: Registered, common: str) -> Registered:
    try:
        branch, head = Refs(common).head(worktree.entry)
    except GitFailed as error:
        return replace(worktree, problem=str(error))
    return replace(worktree, branch=branch, head=head)


def _directories(directory: Path) -> list[Path]:
    try:
        with os.scandir(directory) as entries:
            return sorted(
                Path(entry.path)
                for entry in islice(entries, _MOST_IN_ONE)
                if entry.is_dir(follow_symlinks=False)
                and not entry.name.startswith(".")
                and entry.name != "node_modules"
            )
    except OSError:
        return []
