"""Find where git keeps a worktree's data, and what else on the way git on the host obeys."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator

from .configured_files import named_files
from .errors import shown
from .git import GitFailed, git
from .settings import GitLayout

#: Keys whose value is a file that is read as configuration, whatever the condition.
_INCLUDE = re.compile(r"include(if\..*)?\.path", re.DOTALL)

#: Keys whose value is a program that git starts (git 2.39, ``git help config``).
_PROGRAM = re.compile(
    r"alias\..*|core\.(askpass|editor|fsmonitor|gitproxy|pager|sshcommand|alternaterefscommand)"
    r"|credential\.(.*\.)?helper|diff\.external|diff\..*\.(command|textconv)"
    r"|filter\..*\.(clean|smudge|process)|gpg\.(.*\.)?program|interactive\.difffilter"
    r"|merge\..*\.driver|pager\..*|remote\..*\.(receivepack|uploadpack|vcs)|sequence\.editor"
    r"|(diff|merge)tool\..*\.(cmd|path)|uploadpack\.packobjectshook",
    re.DOTALL,
)


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
    named = [path for path in guarded if os.path.isfile(path) and _is_users(path, top, common)]
    if named:
        warnings.append(
            "Read-only in this session, since git on the host reads or runs it: "
            f"{', '.join(map(shown, named))}."
        )
    own_pointer = os.path.join(top, ".git")
    layout = GitLayout(
        own,
        common,
        pointer=os.path.isfile(own_pointer),
        linked_modules=own != common and os.path.isdir(os.path.join(own, "modules")),
        submodules=submodules,
        guarded=tuple(path for path in guarded if path != own_pointer),
    )
    return layout, warnings


def _is_users(path: str, top: str, common: str) -> bool:
    """Whether it is a file that an agent would expect to edit."""
    in_worktree = _strictly_inside(path, top) and not _strictly_inside(path, common)
    return in_worktree and os.path.basename(path) != ".git"


def _strictly_inside(path: str, root: str) -> bool:
    return path.startswith(root + "/")


def _submodules(git_dir: str) -> Iterator[str]:
    """Walk ``modules/``, where a submodule's name may hold slashes."""
    for directory, below, files in os.walk(os.path.join(git_dir, "modules")):
        if "HEAD" in files and "objects" in below:
            yield directory
            below[:] = ["modules"] if "modules" in below else []


def _configuration(top: str, warnings: list[str]) -> Iterator[str]:
    """Yield what the configuration points to: files it includes, hooks, programs it runs."""
    settings = git(top, "config", "--list", "--show-origin", "-z", config=True)
    entries = settings.split("\0")
    for origin, entry in zip(entries[::2], entries[1::2], strict=False):
        here = os.path.join(top, origin.removeprefix("file:"))
        if origin.startswith("file:"):
            yield os.path.realpath(here)
        key, _, value = entry.partition("\n")
        if key == "core.hookspath":
            yield from _hooks(top, value, warnings)
        elif _INCLUDE.fullmatch(key):
            yield from _included(top, os.path.dirname(here), value, warnings)
        elif _PROGRAM.fullmatch(key):
            yield from _program(top, value)


def _hooks(top: str, value: str, warnings: list[str]) -> Iterator[str]:
    hooks = os.path.realpath(os.path.join(top, os.path.expanduser(value)))
    there = os.path.isdir(hooks)
    if there:
        yield hooks
    if hooks == top or _strictly_inside(hooks, top):
        state = (
            "is read-only, but what its scripts call is not"
            if there and hooks != top
            else "can be filled by the agent, and git runs what is there"
        )
        warnings.append(
            f"core.hooksPath points into the worktree: {shown(hooks)} {state}: look before your "
            "next commit on the host."
        )


def _included(top: str, here: str, value: str, warnings: list[str]) -> Iterator[str]:
    """Also of a condition that does not hold now: the agent may make it hold."""
    path = os.path.realpath(os.path.join(here, os.path.expanduser(value)))
    if os.path.isfile(path):
        yield path
    elif _strictly_inside(path, top):
        warnings.append(
            f"The repository's configuration includes {shown(path)}, which does not exist: what "
            "an agent writes there git obeys on the host. Make it, or take the include out."
        )


def _program(top: str, value: str) -> Iterator[str]:
    try:
        words = dict.fromkeys([*shlex.split(value), *named_files(value)])
    except ValueError:
        return
    for word in words:
        path = os.path.realpath(os.path.join(top, os.path.expanduser(word)))
        if os.path.isfile(path):
            yield path


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
