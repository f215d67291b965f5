"""Codex: whether to trust the folder."""

from __future__ import annotations

import json
import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from ..git import GitFailed, git
from ..text.bounded_json import TooMuch
from .locks import file_lock

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Characters of the file, and dots in a line of it, in which a key has to end.
_LONGEST, _MOST_PARTS = 250_000, 50


def answered(text: str | None, worktree: str) -> str | None:
    """Trust the worktree in `config.toml`, where nothing is said of it yet.

    A table is appended to the text; comments, order and all else stay byte for byte.
    """
    text = text or ""
    _check_bounds(text)
    before = tomllib.loads(text)
    projects = before.get("projects", {})
    if not isinstance(projects, dict):
        raise ValueError("projects")
    # Codex 0.169.0 takes a repository's entry for its linked worktrees, too, and asks no
    # more when it says "untrusted".
    if {worktree, _repository(worktree)} & projects.keys():
        return None
    # TOML's basic strings are JSON's, but for one character.
    name = json.dumps(worktree, ensure_ascii=False).replace("\x7f", "\\u007f")
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    after = f'{text}{gap}[projects.{name}]\ntrust_level = "trusted"\n'
    wanted = {**projects, worktree: {"trust_level": "trusted"}}
    if tomllib.loads(after) != {**before, "projects": wanted}:
        raise ValueError("projects")
    return after


def lock(path: str) -> AbstractContextManager[None]:
    """Hold a lock of ours, against launches at the same time.

    Codex 0.169.0 itself has none: it reads the file and a millisecond later replaces it by
    renaming (seen), so an answer can be lost to it, in that time, and then it asks.
    """
    return file_lock(str(Path(path).with_name(".agentauth-first-run.lock")))


def _check_bounds(text: str) -> None:
    """Refuse what Python would parse for minutes: 40,000 parts of one key took 74 s."""
    if len(text) > _LONGEST:
        raise TooMuch(f"is longer than {_LONGEST:,} characters")
    if any(line.count(".") > _MOST_PARTS for line in text.splitlines()):
        raise TooMuch(f"has a line with more than {_MOST_PARTS} dots")


def _repository(worktree: str) -> str:
    """Return the main checkout of a linked worktree."""
    try:
        common = git(worktree, "rev-parse", "--path-format=absolute", "--git-common-dir")
    except GitFailed:
        return worktree
    return os.path.dirname(os.path.realpath(common))
