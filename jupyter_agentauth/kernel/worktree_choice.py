"""Which worktree somebody means: a directory, a branch, or one that is to be made."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from .client import Client
from .errors import AgentError


def choose_worktree(
    client: Client, wanted: str | None, directory: str, create: bool = False
) -> str:
    """Return the path of a worktree.

    Parameters
    ----------
    wanted : str or None
        A directory, or the branch or the directory's name of a worktree of the repository that
        holds ``directory``; ``None`` for ``directory`` itself.
    create : bool
        Make a worktree on that branch where there is none.

    Raises
    ------
    AgentError
        With one sentence that names the worktrees that there are.
    """
    if wanted is None:
        return directory
    path = os.path.join(directory, os.path.expanduser(wanted))
    looks_like_path = wanted.startswith((".", "~", os.sep))
    if looks_like_path and os.path.isdir(path):
        return os.path.realpath(path)
    mine = worktrees_around(client.worktrees(), directory)
    for worktree in mine:
        if wanted in (worktree["branch"], os.path.basename(worktree["path"])):
            return str(worktree["path"])
    if create and mine and not looks_like_path:
        return str(client.add_worktree(mine[0]["path"], wanted)["path"])
    if os.path.isdir(path):
        return os.path.realpath(path)
    raise _none(wanted, directory, mine)


def worktrees_around(
    worktrees: Sequence[Mapping[str, Any]], directory: str
) -> list[Mapping[str, Any]]:
    """Return the worktrees of the repository that holds a directory; its own is the first."""
    directory = os.path.realpath(directory)
    holding = [
        worktree
        for worktree in worktrees
        if directory == worktree["path"] or directory.startswith(f"{worktree['path']}{os.sep}")
    ]
    if not holding:
        return []
    own = max(holding, key=lambda worktree: len(worktree["path"]))
    others = [w for w in worktrees if w["repo"] == own["repo"] and w is not own]
    return [own, *others]


def _none(wanted: str, directory: str, mine: Sequence[Mapping[str, Any]]) -> AgentError:
    if not mine:
        return AgentError(
            f"There is no directory {wanted!r}, and {directory} is in no git worktree under the "
            "server's root: name a directory.",
            "worktree_not_found",
        )
    names = [str(w["branch"] or os.path.basename(w["path"])) for w in mine]
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.6)
    known = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(names)};"
    return AgentError(
        f"There is no worktree {wanted!r} of this repository: {known} --create makes it "
        "(in Python: create=True).",
        "worktree_not_found",
    )
