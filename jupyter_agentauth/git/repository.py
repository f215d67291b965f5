"""The worktrees that a repository has on its list, and how the repository is found.

Git runs what a repository's configuration names, and an agent can make a repository inside
its worktree. So a repository is only taken for one if no other lies around it: what an agent
made is always inside of another.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import NotFound, shown
from .run import GitFailed, git


@dataclass(frozen=True)
class Registered:
    """One entry of ``git worktree list``.

    Parameters
    ----------
    path : str
        Also of a directory that is gone.
    branch : str or None
        Without ``refs/heads/``; ``None`` for a detached HEAD.
    locked : str or None
        The reason of ``git worktree lock``, which may be empty.
    """

    path: str
    branch: str | None = None
    head: str | None = None
    main: bool = False
    bare: bool = False
    locked: str | None = None


@dataclass(frozen=True)
class Repository:
    """A repository and its worktrees.

    Parameters
    ----------
    directory : str
        A worktree of it, or itself where it is bare: where git is run.
    common : str
        Its git directory.
    """

    directory: str
    common: str
    worktrees: tuple[Registered, ...]

    @property
    def main(self) -> Registered | None:
        """The main worktree; ``None`` where the repository is bare."""
        first = self.worktrees[0] if self.worktrees else None
        return None if first is None or first.bare else first

    def worktree(self, path: str) -> Registered | None:
        """Return the entry of a path."""
        real = os.path.realpath(path)
        return next((w for w in self.worktrees if os.path.realpath(w.path) == real), None)

    def holds_git_data(self, path: str) -> bool:
        """Whether a path lies in the git directory, or around it."""
        return inside(path, self.common) or inside(self.common, path)


def find_repository(path: str, root: str) -> tuple[Repository, Registered]:
    """Find the repository that has a path on its list, and the entry.

    Parameters
    ----------
    path : str
        Absolute path of a worktree. Its directory may be gone.
    root : str
        Where to look for the repository of one that is gone.

    Raises
    ------
    NotFound
    """
    around = outermost(path)
    for directory in [around] if around else repositories(root):
        with suppress(GitFailed):
            repository = read_repository(directory)
            found = repository.worktree(path)
            if found is not None:
                return repository, found
    raise NotFound(
        f"{shown(path)} is no worktree of a git repository: `git worktree list` names those that "
        "there are.",
        "worktree_not_found",
    )


def outermost(path: str) -> str | None:
    """Return the outermost directory at or above a path that is a git checkout."""
    parents = [str(parent) for parent in reversed(Path(path).parents)]
    for directory in (*parents, path):
        if os.path.lexists(os.path.join(directory, ".git")):
            return directory
    return None


def read_repository(directory: str) -> Repository:
    """Read the list of the repository that a directory belongs to.

    Raises
    ------
    GitFailed
    """
    own = git(directory, "rev-parse", "--absolute-git-dir")
    common = git(directory, "rev-parse", "--path-format=absolute", "--git-common-dir")
    # A porcelain line ends in NUL, an entry in two: paths may hold newlines.
    listing = git(directory, "worktree", "list", "--porcelain", "-z")
    blocks = [block for block in listing.split("\0\0") if block]
    found = [_registered(block, number == 0) for number, block in enumerate(blocks)]
    if own == common and found and not found[0].bare:
        # Git 2.39 names the git directory where that lies elsewhere (`--separate-git-dir`).
        found[0] = replace(found[0], path=git(directory, "rev-parse", "--show-toplevel"))
    return Repository(directory, os.path.realpath(common), tuple(found))


def check_belongs(repository: Repository, path: str) -> None:
    """Make sure that git in a worktree works on that worktree of that repository.

    Raises
    ------
    GitFailed
        For one whose ``.git`` file is gone or leads elsewhere.
    """
    top = git(path, "rev-parse", "--show-toplevel")
    common = git(path, "rev-parse", "--path-format=absolute", "--git-common-dir")
    if os.path.realpath(top) != path or os.path.realpath(common) != repository.common:
        raise GitFailed("its .git file does not lead to its repository")


def repositories(root: str, depth: int = 2) -> Iterator[str]:
    """Yield the repositories around and below a directory, but none inside another's worktree.

    Parameters
    ----------
    depth : int
        How many levels below it; hidden directories and ``node_modules`` are passed over.
    """
    with suppress(GitFailed):
        yield git(root, "rev-parse", "--show-toplevel")
        return
    level = [Path(root)]
    for _ in range(depth):
        below = [entry for directory in level for entry in _directories(directory)]
        found = [directory for directory in below if (directory / ".git").exists()]
        yield from map(str, found)
        level = [directory for directory in below if directory not in found]


def inside(path: str, root: str) -> bool:
    """Whether a path is at or below another."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def _registered(block: str, main: bool) -> Registered:
    fields = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
    return Registered(
        path=fields.get("worktree", ""),
        branch=fields["branch"].removeprefix("refs/heads/") if "branch" in fields else None,
        head=fields.get("HEAD"),
        main=main,
        bare="bare" in fields,
        locked=fields.get("locked"),
    )


def _directories(directory: Path) -> list[Path]:
    try:
        return sorted(
            Path(entry.path)
            for entry in os.scandir(directory)
            if entry.is_dir(follow_symlinks=False)
            and not entry.name.startswith(".")
            and entry.name != "node_modules"
        )
    except OSError:
        return []
