"""Spare a signed-in user an agent's first questions in every new container and worktree.

Only what the user would have to answer again: nothing is changed for somebody who is not
signed in, and no folder is trusted but the session's own worktree.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .authstore import AuthStore, StoreError
from .errors import shown
from .hostfiles import write_atomically

#: Claude Code 2.1.330 locks `.claude.json` by making this directory, for every write; it
#: calls a lock stale that was not touched for 10 seconds.
_PATIENCE = 5.0
_STALE = 15.0


def answer_first_questions(agent: str, store: AuthStore, root: str, worktree: str) -> None:
    """Store the answers that an agent asks for before its prompt.

    Parameters
    ----------
    agent : str
        Its name; for an agent that asks nothing, nothing is done.
    root : str
        The agent's directory in the store; its sign-in is there.
    worktree : str
        The session's own.

    Raises
    ------
    StoreError
        When the agent's file cannot be read, locked or written; it is untouched then.
    """
    answer = _ANSWERS.get(agent)
    if answer is not None:
        answer(store, root, worktree)


def answers_in_new_home(agent: str, worktree: str) -> dict[str, str]:
    """Return the files below a new home that hold the same answers, with their text."""
    return _ANSWERS_IN_NEW_HOME[agent](worktree) if agent in _ANSWERS_IN_NEW_HOME else {}


def _claude_in_new_home(worktree: str) -> dict[str, str]:
    state = {
        "hasCompletedOnboarding": True,
        "projects": {worktree: {"hasTrustDialogAccepted": True}},
    }
    return {".claude/.claude.json": json.dumps(state)}


def _claude(store: AuthStore, root: str, worktree: str) -> None:
    # Claude Code 2.1.330, with CLAUDE_CONFIG_DIR: the wizard comes without the first, the
    # question whether to trust the folder without the second.
    path = os.path.join(root, ".claude", ".claude.json")
    with _directory_lock(f"{path}.lock"):
        state = _read_object(store, path)
        projects = state.setdefault("projects", {})
        project = projects.setdefault(worktree, {}) if isinstance(projects, dict) else None
        if not isinstance(project, dict):
            raise StoreError(f"{shown(path)} has not the form that Claude Code writes.")
        known = state.get("hasCompletedOnboarding") and project.get("hasTrustDialogAccepted")
        if not known:
            state["hasCompletedOnboarding"] = True
            project["hasTrustDialogAccepted"] = True
            _write(path, json.dumps(state, indent=2))


_ANSWERS: dict[str, Callable[[AuthStore, str, str], None]] = {"claude": _claude}
_ANSWERS_IN_NEW_HOME: dict[str, Callable[[str], dict[str, str]]] = {"claude": _claude_in_new_home}


def _read_object(store: AuthStore, path: str) -> dict[str, Any]:
    if not os.path.lexists(path):
        return {}
    try:
        value = json.loads(store.read(path, limit=50_000_000) or b"")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise StoreError(f"{shown(path)} cannot be read as JSON.")
    return value


def _write(path: str, text: str) -> None:
    try:
        write_atomically(Path(path), text)
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be written ({error.strerror}).") from None


@contextmanager
def _directory_lock(path: str) -> Iterator[None]:
    """Hold a lock that is a directory, as the CLI itself does."""
    deadline = time.monotonic() + _PATIENCE
    while not _made(path):
        if time.monotonic() > deadline:
            raise StoreError(f"{shown(path)} is held by a running agent.")
        time.sleep(0.02)
    try:
        yield
    finally:
        os.rmdir(path)


def _made(path: str) -> bool:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        try:
            if time.time() - os.lstat(path).st_mtime > _STALE:
                os.rmdir(path)
        except OSError:
            pass  # Its holder was faster, or it is no lock that can be taken away.
        return False
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be made ({error.strerror}).") from None
    return True
