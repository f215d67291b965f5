"""Carry files along into a new worktree: ``.env``, a data directory, what git does not know.

By *copy* they are copied. By *mount* the new worktree gets a symbolic link to the main
worktree's file, for tools of the host, and every session there the file itself, read-only at
its own path, where the link finds it. What is mounted is remembered on our side alone: an
agent could make any link in its worktree.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from ..errors import AgentAuthError, Conflict, shown
from ..git.exclude import exclude, is_ignored
from ..git.paths import inside
from ..git.repository import Repository
from ..git.run import GitFailed
from ..nofollow import copy_tree, identity, parent_of
from ..preferences import Preferences
from .requests import Carry

#: Names of what was left out that a warning holds.
_NAMED = 5


def carry(
    repository: Repository, worktree: str, wanted: Iterable[Carry], preferences: Preferences
) -> list[str]:
    """Carry files along into a new worktree.

    Returns
    -------
    list of str
        A sentence for each that could not be, or not wholly.
    """
    warnings: list[str] = []
    for entry in dict.fromkeys(wanted):
        try:
            if entry.how == "copy":
                warnings += _copy(repository, worktree, entry.path)
            else:
                warnings += _link(repository, worktree, entry.path, preferences)
        except AgentAuthError as error:
            warnings.append(f"{shown(entry.path)} was not carried along: {error.message}")
        except OSError as error:
            what = error.filename if isinstance(error.filename, str) else entry.path
            why = f"{shown(what)}: {error.strerror or error}"
            warnings.append(f"{shown(entry.path)} was not carried along ({why}).")
    return warnings


def usable_sources(repository: Repository, sources: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the remembered sources that may be mounted, and a sentence for each other one."""
    usable, warnings = [], []
    for source in sources:
        try:
            _check_source(repository, source)
            usable.append(source)
        except AgentAuthError as error:
            warnings.append(error.message)
        except OSError as error:
            warnings.append(f"{shown(source)} is not mounted: {error.strerror or error}.")
    return usable, warnings


def main_directory(repository: Repository) -> str:
    """Return the real path of the main worktree, of which things are carried along.

    Raises
    ------
    Conflict
    """
    if repository.main is None:
        raise Conflict("The repository is bare, so it has no main worktree.", "no_main_worktree")
    return repository.main.path


def _copy(repository: Repository, worktree: str, path: str) -> list[str]:
    main = main_directory(repository)
    if repository.holds_git_data(os.path.join(main, path)):
        raise _holds_git(os.path.join(main, path))
    others = [w.path for w in repository.linked]
    left = copy_tree(main, worktree, path, frozenset([*others, worktree]))
    if not left:
        return []
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return [f"Not copied: {', '.join(map(shown, left[:_NAMED]))}{more}."]


def _link(repository: Repository, worktree: str, path: str, preferences: Preferences) -> list[str]:
    source = os.path.join(main_directory(repository), path)
    _check_source(repository, source)
    with parent_of(worktree, path, make=True) as (directory, name):
        # The record first: without it the link would lead nowhere in every session.
        preferences.carry(worktree, source)
        try:
            os.symlink(source, name, dir_fd=directory)
        except OSError:
            preferences.forget_carried(worktree, source)
            raise
    # A rule such as `data/` is for directories, and a link to one is none.
    try:
        made = repository.worktree(worktree)
        if made is None or not is_ignored(repository, made, path):
            exclude(repository.common, path)
    except (GitFailed, OSError) as error:
        why = getattr(error, "strerror", None) or error
        return [f"{shown(path)} is carried along, but git shows it as untracked: {why}"]
    return []


def _check_source(repository: Repository, source: str) -> None:
    main = main_directory(repository)
    if source == main or not inside(source, main) or os.path.normpath(source) != source:
        raise Conflict(f"{shown(source)} is not in the main worktree {shown(main)}.")
    if repository.holds_git_data(source) or ".git" in source[len(main) :].lower().split("/"):
        raise _holds_git(source)
    if any(
        inside(worktree.path, source) or inside(source, worktree.path)
        for worktree in repository.linked
    ):
        raise Conflict(f"{shown(source)} holds or is a part of another worktree.")
    mode = identity(source)[2]
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise Conflict(f"{shown(source)} is neither a file nor a directory.")


def _holds_git(source: str) -> Conflict:
    return Conflict(f"{shown(source)} holds git's own data.")
