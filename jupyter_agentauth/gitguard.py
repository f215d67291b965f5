"""What keeps a container from running code on the host through git.

A container works in the repository with its own hands: it adds, commits, branches. But
git on the host obeys files of the same repository (hooks, ``core.fsmonitor`` in
``config``, the ``commondir`` that says where ``config`` is), so these are read-only inside.

Three facts shape the mounts (seen with git 2.39.5 and Docker 20.10):

- A read-only file in a writable directory is not enough: the directory is renamed and
  made anew. A mount point itself cannot be renamed, so every directory on the way to a
  guarded file is a mount of its own.
- A control file that does not exist yet can be created. So all of them are made on
  the host first, in a form that changes nothing: empty, or ``.`` in ``commondir``.
- ``worktrees/`` holds every other worktree's ``commondir``: it is read-only as a
  whole, with this worktree's own part writable on top.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from .settings import GitLayout

#: In every git directory: name → the text that changes nothing.
_CONTROL_FILES = {"config": "", "config.worktree": "", "commondir": ".\n"}
#: `remotes` and `branches`: a remote's address may be a directory whose hooks `git push` runs.
_CONTROL_DIRS = ("branches", "hooks", "info", "modules", "remotes", "worktrees")

#: In a linked worktree's own part; `None` for the two that git always makes.
_LINKED_FILES = {"commondir": None, "gitdir": None, "config.worktree": ""}


@dataclass(frozen=True)
class GitMount:
    """One path, mounted at itself.

    Parameters
    ----------
    seed : str or None
        For a file that may be missing on the host: what it is made with.
    directory : bool
        Whether it may be made as a directory.
    """

    path: str
    read_only: bool
    seed: str | None = None
    directory: bool = False


def git_mounts(worktree: str, git: GitLayout) -> tuple[GitMount, ...]:
    """Say how a worktree's git data is mounted.

    Parameters
    ----------
    worktree : str
        The worktree's root, which is mounted writable at its own path.
    git : GitLayout
        Where its git data lies.

    Returns
    -------
    tuple of GitMount
        Parents before children; no path twice.
    """
    mounts: dict[str, GitMount] = {}
    for mount in _all(worktree, git):
        known = mounts.get(mount.path)
        if known is None or (mount.read_only and not known.read_only):
            mounts[mount.path] = mount
    return tuple(sorted(mounts.values(), key=lambda mount: mount.path.split("/")))


def _all(worktree: str, git: GitLayout) -> Iterator[GitMount]:
    if git.pointer:
        yield GitMount(posixpath.join(worktree, ".git"), read_only=True)
    yield from _git_dir(git.common_dir)
    if git.git_dir != git.common_dir:
        yield from _linked(git.git_dir, git.linked_modules)
    for submodule in git.submodules:
        # Below `modules/`, which is read-only, so nothing on the way can be renamed.
        yield from _git_dir(submodule)
    for path in git.guarded:
        yield GitMount(path, read_only=True)
        yield from _ways(path, (worktree, git.common_dir))


def _git_dir(path: str) -> Iterator[GitMount]:
    yield GitMount(path, read_only=False)
    for name, seed in _CONTROL_FILES.items():
        yield GitMount(posixpath.join(path, name), read_only=True, seed=seed)
    for name in _CONTROL_DIRS:
        yield GitMount(posixpath.join(path, name), read_only=True, directory=True)


def _linked(path: str, modules: bool) -> Iterator[GitMount]:
    yield GitMount(path, read_only=False)
    for name, seed in _LINKED_FILES.items():
        yield GitMount(posixpath.join(path, name), read_only=True, seed=seed)
    if modules:
        # Not made where it is missing: git then refuses to remove the worktree (2.39).
        yield GitMount(posixpath.join(path, "modules"), read_only=True)


def _ways(path: str, roots: tuple[str, ...]) -> Iterator[GitMount]:
    """Make the directories between a root and a guarded path mounts that stay put."""
    parent = posixpath.dirname(path)
    while any(parent.startswith(root + "/") for root in roots):
        yield GitMount(parent, read_only=False)
        parent = posixpath.dirname(parent)
