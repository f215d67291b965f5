"""The directories that were mounted as they are, and whose later repositories are the agents'.

Git data that an agent could write in every part is not the user's any more: what it names is not
mounted, and it is not listed among the user's repositories. What was there before the first
session is still taken for the user's. One small file a directory, on our side alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from .errors import shown
from .git import GitFailed, git
from .git.paths import inside
from .hostfiles import create_once, make_private_parents


def remember(directory: str, repositories: Iterable[str]) -> None:
    """Keep that a directory is mounted as it is.

    Parameters
    ----------
    directory : str
        Its real path.
    repositories : iterable of str
        The checkouts in it; only those of the first time count.

    Raises
    ------
    OSError
    """
    path = _record(directory)
    if not path.exists():
        make_private_parents(path)
        kept = {"directory": directory, "repositories": sorted(repositories)}
        create_once(path, json.dumps(kept))


def is_agents(git_directory: str) -> bool:
    """Whether a repository, by its git directory, appeared where an agent could make it."""
    for directory in (Path(git_directory), *Path(git_directory).parents):
        known = _known(str(directory))
        if known is not None and not any(inside(git_directory, path) for path in known):
            return _named(git_directory) not in _said_to_be_the_users()
    return False


def was_open(git_directory: str) -> bool:
    """Whether an agent could write a repository in every part, also one of before its session."""
    places = (Path(git_directory), *Path(git_directory).parents)
    return (
        any(_record(str(place)).exists() for place in places)
        and _named(git_directory) not in _said_to_be_the_users()
    )


def how_to_claim(git_directory: str) -> str:
    """Say why a repository counts as an agent's, and how the user says that it does not."""
    name = _named(git_directory)
    return (
        f"The git repository {shown(name)} appeared after an agent had worked there, so it "
        "counts as the agent's: its directory is mounted as it is, and it is not listed. If it "
        f"is yours, run `git config --global --add safe.directory {shlex.quote(name)}`."
    )


def _named(git_directory: str) -> str:
    """Return what a repository is called by people: its main checkout, or itself if bare."""
    above, name = os.path.split(git_directory)
    return above if name == ".git" else git_directory


def _record(directory: str) -> Path:
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:32]
    return Path(jupyter_data_dir()) / "agentauth-plain-directories" / f"{digest}.json"


def _known(directory: str) -> list[str] | None:
    try:
        kept = json.loads(_record(directory).read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return []
    return [path for path in kept["repositories"] if isinstance(path, str)]


def _said_to_be_the_users() -> Iterator[str]:
    # Git's own list of repositories that one trusts; `*` stands there for other reasons.
    try:
        yield from git("/", "config", "--global", "--get-all", "safe.directory", config=True).split(
            "\n"
        )
    except GitFailed:
        return
