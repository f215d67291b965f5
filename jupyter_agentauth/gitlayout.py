"""Find where git keeps a worktree's data, and what else on the way git on the host obeys."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .errors import shown
from .git import GitFailed, git
from .settings import GitLayout


def git_layout(top: str) -> tuple[GitLayout, list[str]]:
    """Read the layout of the worktree whose root is ``top``; writes nothing.

    Returns
    -------
    layout : GitLayout
    warnings : list of str
        What cannot be guarded.

    Raises
    ------
    GitFailed
    """
    own = os.path.realpath(git(top, "rev-parse", "--absolute-git-dir"))
    common = os.path.realpath(git(top, "rev-parse", "--path-format=absolute", "--git-common-dir"))
    submodules = tuple(_submodules(own))
    warnings: list[str] = []
    candidates = [
        *_configuration(top, warnings),
        *_other_worktrees(common),
        *_submodule_pointers(submodules),
    ]
    guarded = []
    for path in dict.fromkeys(candidates):
        if not _strictly_inside(path, top) and not _strictly_inside(path, common):
            continue
        if _strictly_inside(common, path) or _strictly_inside(own, path) or path in (common, own):
            warnings.append(
                f"{shown(path)} cannot be made read-only, though git obeys files in it."
            )
            continue
        guarded.append(path)
    own_pointer = os.path.join(top, ".git")
    return (
        GitLayout(own, common, submodules, tuple(p for p in guarded if p != own_pointer)),
        warnings,
    )


def _strictly_inside(path: str, root: str) -> bool:
    return path.startswith(root + "/")


def _submodules(git_dir: str) -> Iterator[str]:
    """Walk ``modules/``, where a submodule's name may hold slashes."""
    for directory, below, files in os.walk(os.path.join(git_dir, "modules")):
        if "HEAD" in files and "objects" in below:
            yield directory
            below[:] = ["modules"] if "modules" in below else []


def _configuration(top: str, warnings: list[str]) -> Iterator[str]:
    """Yield configuration files inside the repository, and the hook directory."""
    settings = git(top, "config", "--list", "--show-origin", "-z", config=True)
    entries = settings.split("\0")
    hooks = None
    for origin, entry in zip(entries[::2], entries[1::2], strict=False):
        if origin.startswith("file:"):
            path = os.path.realpath(os.path.join(top, origin.removeprefix("file:")))
            yield path
        key, _, value = entry.partition("\n")
        if key == "core.hookspath":
            hooks = os.path.realpath(os.path.join(top, os.path.expanduser(value)))
    if hooks is None:
        return
    if os.path.isdir(hooks):
        yield hooks
    if _strictly_inside(hooks, top):
        state = (
            "is read-only, but what its scripts call is not"
            if os.path.isdir(hooks)
            else ("does not exist yet, and what an agent puts there runs")
        )
        warnings.append(
            f"core.hooksPath points into the worktree: {shown(hooks)} {state}: look before your "
            "next commit on the host."
        )


def _other_worktrees(common: str) -> Iterator[str]:
    """Yield the ``.git`` files of the repository's linked worktrees, wherever they lie."""
    root = os.path.join(common, "worktrees")
    for name in os.listdir(root) if os.path.isdir(root) else ():
        try:
            with open(os.path.join(root, name, "gitdir"), encoding="utf-8") as file:
                pointer = file.read().removesuffix("\n")
        except (OSError, ValueError):
            continue
        # Git 2.48 can write it relative to the directory that it stands in.
        pointer = os.path.realpath(os.path.join(root, name, pointer))
        if os.path.isfile(pointer):
            yield pointer


def _submodule_pointers(submodules: tuple[str, ...]) -> Iterator[str]:
    for git_dir in submodules:
        try:
            worktree = git(
                git_dir, "config", "--file", os.path.join(git_dir, "config"), "core.worktree"
            )
        except GitFailed:
            continue
        pointer = os.path.realpath(os.path.join(git_dir, worktree, ".git"))
        if os.path.isfile(pointer):
            yield pointer
