"""Filters that a checkout would take from the very commit that it checks out.

A repository's configuration can name a script of the repository as a filter (``./smudge``). In a
new worktree git runs the one of its commit, which an agent may have made.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator

from .git import GitFailed, git
from .registered import Repository, inside

_KEY = re.compile(r"(filter\.(.*))\.(clean|smudge|process)", re.DOTALL)


def own_filters(repository: Repository, commit: str) -> list[str]:
    """Return the sections of filters (``filter.NAME``) that run a file of a commit, or may."""
    settings = git(repository.directory, "config", "--list", "-z", config=True)
    found: dict[str, None] = {}
    for entry in settings.split("\0"):
        key, _, value = entry.partition("\n")
        section = _KEY.fullmatch(key)
        if section and _is_own(repository, commit, value):
            found[section[1]] = None
    return list(found)


def without(sections: Iterable[str]) -> dict[str, str]:
    """Return the variables that have git pass over these filters."""
    settings = [
        (f"{section}.{key}", value)
        for section in sections
        for key, value in (("smudge", ""), ("clean", ""), ("process", ""), ("required", "false"))
    ]
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = key
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def _is_own(repository: Repository, commit: str, command: str) -> bool:
    if "`" in command or "$" in command:
        return True  # What the shell makes of it, we cannot tell.
    try:
        words = list(_words(command))
    except ValueError:
        return True
    for word in words:
        if os.path.isabs(word):
            real = os.path.realpath(word)
            if any(inside(real, os.path.realpath(w.path)) for w in repository.worktrees):
                return True
        elif _is_in(repository, commit, word):
            return True
    return False


def _words(command: str) -> Iterator[str]:
    """Yield the words that can name a file; the first does only with a slash in it."""
    for number, word in enumerate(shlex.split(command)):
        # A quoted word can be a command by itself: `sh -c '. ./filter'`.
        for part in {word, *word.split()}:
            path = os.path.normpath(os.path.expanduser(part.strip(";&|(){}<>'\"")))
            if path != "." and not path.startswith("-") and (number or "/" in part):
                yield path


def _is_in(repository: Repository, commit: str, path: str) -> bool:
    if path.startswith("..") or "\0" in path:
        return False
    try:
        git(repository.directory, "cat-file", "-e", f"{commit}:{path}")
    except GitFailed:
        return False
    return True
