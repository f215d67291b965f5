"""Find what of a worktree's git data a session sees, and what of it git on the host obeys."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .configured_commands import Setting, configured_paths, parse_settings
from .errors import BadRequest, shown
from .git import GitFailed, git
from .git.files import check_head
from .git.paths import inside
from .git_files import (
    GitData,
    borrowed_stores,
    git_data,
    git_directory_around,
    is_git_directory,
)
from .plain_directories import was_open
from .settings import GitLayout

#: Directories between ``modules/`` and a submodule's own, ``modules/`` of submodules included.
_DEEPEST_SUBMODULE = 16


def git_layout(top: str) -> tuple[GitLayout, list[str]]:
    """Read the layout of the worktree whose root is ``top``; writes nothing.

    Returns
    -------
    layout : GitLayout
    warnings : list of str
        What cannot be guarded.

    Raises
    ------
    BadRequest
        When its git data is not its own.
    GitFailed
    """
    found = git_data(top)
    for directory in {found.own, found.common}:
        check_head(directory)
    _check_git_agrees(found)
    listing = git(top, "config", "--list", "--show-scope", "--show-origin", "-z", config=True)
    settings = parse_settings(top, listing)
    submodules = tuple(_submodules(found.own))
    named, warnings = configured_paths(top, settings)
    candidates = [*named, *_other_worktrees(found.common), *_submodule_pointers(submodules)]
    guarded = list(_guarded(dict.fromkeys(candidates), found, warnings))
    users = [path for path in guarded if os.path.isfile(path) and _is_users(path, found)]
    if users:
        warnings.append(
            "Read-only in this session, since git on the host reads or runs it: "
            f"{', '.join(map(shown, users))}."
        )
    borrowed, missing = _borrowed(found)
    own_pointer = os.path.join(top, ".git")
    layout = GitLayout(
        found.own,
        found.common,
        pointer=os.path.isfile(own_pointer),
        linked_modules=found.linked and os.path.isdir(os.path.join(found.own, "modules")),
        submodules=submodules,
        guarded=tuple(path for path in guarded if path != own_pointer),
        borrowed=tuple(borrowed),
        large_files=_has_large_files(found.common, settings),
        resolutions=_has_resolutions(found.common, settings),
    )
    return layout, [*warnings, *missing]


def _check_git_agrees(found: GitData) -> None:
    """Refuse a worktree of which git on the host would take another directory."""
    own = git(found.top, "rev-parse", "--absolute-git-dir", config=True)
    common = git(found.top, "rev-parse", "--path-format=absolute", "--git-common-dir", config=True)
    top = git(found.top, "rev-parse", "--show-toplevel", config=True)
    if os.path.realpath(top) != found.top:
        raise BadRequest(
            f"Git takes {shown(top)} for the worktree of {shown(found.top)}, since core.worktree "
            "says so: choose that directory, or remove the setting.",
            "bad_worktree",
        )
    if (os.path.realpath(own), os.path.realpath(common)) != (found.own, found.common):
        raise BadRequest(
            f"Git takes {shown(common)} for the repository of {shown(found.top)}, and its .git "
            f"names {shown(found.common)}: repair it with `git worktree repair` first.",
            "bad_worktree",
        )


def _guarded(paths: dict[str, None], found: GitData, warnings: list[str]) -> Iterator[str]:
    top, common, own = found.top, found.common, found.own
    for path in paths:
        if path in (top, common, own) or inside(common, path) or inside(own, path):
            if inside(path, top) or inside(path, common):
                warnings.append(
                    f"{shown(path)} cannot be made read-only, though git obeys files in it."
                )
        elif inside(path, top) or (inside(path, common) and not found.linked):
            # The common directory of a linked worktree is read-only as a whole.
            yield path


def _is_users(path: str, found: GitData) -> bool:
    """Whether it is a file that an agent would expect to edit."""
    return (
        inside(path, found.top)
        and not inside(path, found.common)
        and os.path.basename(path) != ".git"
    )


def _borrowed(found: GitData) -> tuple[list[str], list[str]]:
    stores, warnings = borrowed_stores(found.common)
    around = git_directory_around(os.path.dirname(found.common))
    nested = around is not None and not inside(found.common, around)
    if stores and (nested or was_open(found.common)):
        # An agent may have written which, to read any repository of the host.
        warning = (
            f"{shown(found.top)} borrows objects from {shown(stores[0])}, which is not mounted "
            "since an agent that worked around it could have named it: `git repack -a -d` copies "
            "them."
        )
        return [], [warning]
    return [store for store in stores if not inside(store, found.common)], warnings


def _has_large_files(common: str, settings: list[Setting]) -> bool:
    configured = any(setting.key.startswith("filter.lfs.") for setting in settings)
    return configured or os.path.isdir(os.path.join(common, "lfs"))


def _has_resolutions(common: str, settings: list[Setting]) -> bool:
    """Whether git on the host records how conflicts were resolved, as `rerere` does."""
    values = [setting.value for setting in settings if setting.key == "rerere.enabled"]
    if values:
        return values[-1].lower() not in ("false", "no", "off", "0")
    return os.path.isdir(os.path.join(common, "rr-cache"))


def _submodules(git_dir: str) -> Iterator[str]:
    """Walk ``modules/``, where a submodule's name may hold slashes; links are not followed."""
    level = [os.path.join(git_dir, "modules")]
    for _ in range(_DEEPEST_SUBMODULE):
        below = [path for directory in level for path in _directories(directory)]
        found = [path for path in below if is_git_directory(path)]
        yield from found
        level = [path for path in below if path not in found]
        level += [os.path.join(path, "modules") for path in found]


def _directories(directory: str) -> list[str]:
    if os.path.islink(directory) or not os.path.isdir(directory):
        return []
    return [entry.path for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]


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
