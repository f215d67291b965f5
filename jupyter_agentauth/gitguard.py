"""What keeps a container from running code on the host through git.

A container works in the repository with its own hands: it adds, commits, branches. But
git on the host obeys files of the same repository (hooks, ``core.fsmonitor`` in
``config``, the ``commondir`` that says where ``config`` is), so these are read-only inside.

**In a linked worktree** the repository's common directory is read-only, with writable
directories in it for what git adds to: objects, refs, reflogs, and this worktree's own part.
Whatever the host does to a mount point in there, what shows through is read-only (git replaces
``config`` by renaming, and the kernel then detaches what is mounted on it in every container).
Packed refs need a directory to be locked in, see `packed_refs.py`.

**In a main checkout** HEAD and the index lie in the common directory, which is writable, with
read-only mounts in it. Three facts shape those (seen with git 2.39.5 and Docker 20.10):

- A read-only file in a writable directory is not enough: the directory is renamed and
  made anew. A mount point itself cannot be renamed, so every directory on the way to a
  guarded file is a mount of its own.
- A control file that does not exist yet can be created. So all of them are made on
  the host first, in a form that changes nothing: empty, or ``.`` in ``commondir``.
- ``worktrees/`` holds every other worktree's ``commondir``: it is read-only as a whole.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from .packed_refs import PACKED_REFS
from .settings import GitLayout

#: In every git directory: name → the text that changes nothing.
_CONTROL_FILES = {"config": "", "config.worktree": "", "commondir": ".\n"}
#: `remotes` and `branches`: a remote's address may be a directory whose hooks `git push` runs.
#: `objects/info`: other object stores, which git on the host reads.
_CONTROL_DIRS = ("branches", "hooks", "info", "modules", "objects/info", "remotes", "worktrees")

#: In a linked worktree's own part; `None` for the two that git always makes.
_LINKED_FILES = {"commondir": None, "gitdir": None, "config.worktree": ""}

#: In the place of ``rr-cache``, which git 2.39 uses wherever it is a directory.
NO_RESOLUTIONS = (
    "Not a directory, so that an agent cannot resolve your conflicts (git help rerere). Delete\n"
    "this file, which jupyter-agentauth made, to have git record how you resolve them.\n"
)

#: What git in a linked worktree adds to in the common directory; `logs/HEAD` is the main one's.
_SHARED_DIRS = ("objects", "refs", "logs/refs", PACKED_REFS)


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
    roots: tuple[str, ...] = (worktree, git.common_dir)
    if git.git_dir == git.common_dir:
        yield from _git_dir(git.common_dir)
        yield from _resolutions(git)
    else:
        yield from _shared(git)
        yield from _linked(git.git_dir, git.linked_modules)
        roots = (worktree,)
    for store in git.borrowed:
        yield GitMount(store, read_only=True)
    for submodule in git.submodules:
        # Below `modules/`, which is read-only, so nothing on the way can be renamed.
        yield from _git_dir(submodule)
    for path in git.guarded:
        yield GitMount(path, read_only=True)
        yield from _ways(path, roots)


def _git_dir(path: str) -> Iterator[GitMount]:
    yield GitMount(path, read_only=False)
    for name, seed in _CONTROL_FILES.items():
        yield GitMount(posixpath.join(path, name), read_only=True, seed=seed)
    for name in _CONTROL_DIRS:
        yield GitMount(posixpath.join(path, name), read_only=True, directory=True)
    yield GitMount(posixpath.join(path, "objects"), read_only=False)  # So that it stays put.


def _resolutions(git: GitLayout) -> Iterator[GitMount]:
    """Keep an agent's resolutions out of the user's conflicts."""
    path = posixpath.join(git.common_dir, "rr-cache")
    if git.resolutions:
        yield GitMount(path, read_only=True, directory=True)
    else:
        yield GitMount(path, read_only=True, seed=NO_RESOLUTIONS)


def _shared(git: GitLayout) -> Iterator[GitMount]:
    yield GitMount(git.common_dir, read_only=True)
    yield GitMount(posixpath.join(git.common_dir, "logs"), read_only=True, directory=True)
    for name in (*_SHARED_DIRS, *(["lfs"] if git.large_files else [])):
        path = posixpath.join(git.common_dir, name)
        yield GitMount(path, read_only=False, directory=True)
    info = posixpath.join(git.common_dir, "objects/info")
    yield GitMount(info, read_only=True, directory=True)


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
