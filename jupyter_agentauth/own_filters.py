"""Filters that git on the host would take from what an agent may have written.

A repository's configuration can name a script of the repository as a filter (``./clean``). Git
runs it at a checkout, and at each look at what changed, too (git 2.39, ``status`` and ``diff``): in
a new worktree that of its commit, in another one what lies there, which an agent may have made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from .configured_files import named_files
from .git import GitFailed, git
from .git.repository import Repository, inside

_DRIVER = re.compile(r"(merge\.(.*))\.driver", re.DOTALL)

_KEY = re.compile(r"(filter\.(.*))\.(clean|smudge|process)", re.DOTALL)


def filters_of_commit(repository: Repository, commit: str) -> list[str]:
    """Return the sections of filters (``filter.NAME``) that run a file of a commit, or may."""
    places = [worktree.path for worktree in repository.worktrees]
    return _filters(repository.directory, places, lambda path: _is_in(repository, commit, path))


def look_environment(path: str, main: str) -> dict[str, str]:
    """Return the variables that have git look at a worktree, and run no file of it.

    Parameters
    ----------
    path, main : str
        The worktree, and its repository's main one.

    Raises
    ------
    GitFailed
    """
    places = [path, main]

    def is_there(word: str) -> bool:
        file = os.path.join(path, word)
        return os.path.lexists(file) and _is_inside(file, places)

    return without(_filters(path, places, is_there))


def merge_environment(
    repository: Repository, paths: Iterable[str], commit: str, onto: str
) -> dict[str, str]:
    """Return the variables that have git merge a commit, and run no file of it or of a worktree.

    Parameters
    ----------
    paths : iterable of str
        Worktrees.
    onto : str
        The branch that is merged into; options that are configured for it are passed over.

    Raises
    ------
    GitFailed
    """
    places = [*paths, *(worktree.path for worktree in repository.worktrees)]

    def may_run(word: str) -> bool:
        there = (os.path.join(place, word) for place in places)
        return any(map(os.path.lexists, there)) or _is_in(repository, commit, word)

    directory = repository.directory
    drivers = _sections(_DRIVER, directory, places, may_run)
    # A driver that fails is a conflict; an empty one would take our side without a word.
    settings = [(f"{section}.driver", "false") for section in drivers]
    settings.append((f"branch.{onto}.mergeOptions", ""))
    return _variables([*_unfiltered(_filters(directory, places, may_run)), *settings])


def without(sections: Iterable[str]) -> dict[str, str]:
    """Return the variables that have git pass over these filters."""
    return _variables(_unfiltered(sections))


def _unfiltered(sections: Iterable[str]) -> list[tuple[str, str]]:
    return [
        (f"{section}.{key}", value)
        for section in sections
        for key, value in (("smudge", ""), ("clean", ""), ("process", ""), ("required", "false"))
    ]


def _variables(settings: list[tuple[str, str]]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _filters(directory: str, places: list[str], is_there: Callable[[str], bool]) -> list[str]:
    return _sections(_KEY, directory, places, is_there)


def _sections(
    wanted: re.Pattern[str], directory: str, places: list[str], is_there: Callable[[str], bool]
) -> list[str]:
    settings = git(directory, "config", "--list", "-z", config=True)
    found: dict[str, None] = {}
    for entry in settings.split("\0"):
        key, _, command = entry.partition("\n")
        section = wanted.fullmatch(key)
        if section and _is_own(command, places, is_there):
            found[section[1]] = None
    return list(found)


def _is_own(command: str, places: list[str], is_there: Callable[[str], bool]) -> bool:
    if "`" in command or "$" in command:
        return True  # What the shell makes of it, we cannot tell.
    try:
        files = list(named_files(command))
    except ValueError:
        return True
    return any(
        _is_inside(file, places) if os.path.isabs(file) else is_there(file) for file in files
    )


def _is_inside(file: str, places: Iterable[str]) -> bool:
    real = os.path.realpath(file)
    return any(inside(real, os.path.realpath(place)) for place in places)


def _is_in(repository: Repository, commit: str, path: str) -> bool:
    if path.startswith("..") or "\0" in path:
        return False
    try:
        git(repository.directory, "cat-file", "-e", f"{commit}:{path}")
    except GitFailed:
        return False
    return True
