"""Signing out: what an agent stored is deleted, and its profile goes with it.

The directories go, too, but not while a container has them mounted: a later sign-in there
must reach the store. Nor while a launch is under way, whose container would find nothing to
mount: a launch holds its directories (`AuthStore.hold`) until its container runs.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress

from .agent_names import NAME
from .authstore import AuthStore
from .known_agents import Agent
from .store_layout import store_path
from .storefiles import MissingError, is_directory, store_errors

#: From an agent's name and a profile, the sessions whose containers have its directories
#: mounted; ``None`` where the engine cannot be asked.
Users = Callable[[str, str], "list[str] | None"]


def sign_out(store: AuthStore, agent: Agent, profile: str, users: Users) -> list[str]:
    """Delete what an agent stored under a profile, and its directories if nobody uses them.

    Returns
    -------
    list of str
        The sessions that still have the directories, emptied.

    Raises
    ------
    StoreError
        When something could not be deleted; the sentence names it.
    """
    root = store_path(str(store.root), agent.name, profile)
    with store.alone(root) as alone:
        using = users(agent.name, profile)
        if alone and using == []:
            _empty(store, root, {})
            _remove_empty(root, str(store.root))
        else:
            _empty(store, root, agent.single_files)
    return using or []


def sign_out_everywhere(store: AuthStore, table: Mapping[str, Agent], users: Users) -> list[str]:
    """Do it for every agent and profile, and delete what else is in the store.

    Also of agents that the table has no longer. Returns and raises as `sign_out` does.
    """
    using: list[str] = []
    for profile in store.profiles():
        for name in store.agents(profile):
            agent = table.get(name) or Agent(name, (name,))
            using += sign_out(store, agent, profile, users)
    if os.path.lexists(store.root):
        with store_errors(str(store.root)):
            store.ensure_directory(str(store.root))
            _clear(str(store.root), store)
    return using


def _empty(store: AuthStore, root: str, mounted: Mapping[str, str]) -> None:
    """Delete all files below a directory.

    Those that containers have mounted by themselves get their first text again instead, for
    else the sign-in would stay in there.
    """
    with store_errors(root), suppress(FileNotFoundError, MissingError):
        store.tighten(root)  # What the owner itself could not open is opened for it.
        for top, directories, files, here in os.fwalk(root, topdown=False, onerror=_raise):
            for name in (*files, *(d for d in directories if _is_link(d, here))):
                seed = mounted.get(os.path.relpath(os.path.join(top, name), root))
                if seed is None or not _rewritten(name, here, seed):
                    with suppress(FileNotFoundError):  # A running agent deletes, too.
                        os.unlink(name, dir_fd=here)


def _remove_empty(path: str, root: str) -> None:
    """Remove a directory, those in it and those above it, as far as they are empty."""
    with suppress(OSError):
        for _, directories, _, here in os.fwalk(path, topdown=False):
            for name in directories:
                with suppress(OSError):
                    os.rmdir(name, dir_fd=here)
        while path != root:
            os.rmdir(path)
            path = os.path.dirname(path)


def _clear(directory: str, store: AuthStore) -> None:
    """Delete what belongs to no agent; an agent's directory that is left is in use."""
    for entry in os.scandir(directory):
        name = entry.name.removeprefix("@")
        if not is_directory(entry):
            os.unlink(entry.path)
        elif not NAME.fullmatch(name):
            store.tighten(entry.path)
            shutil.rmtree(entry.path)
        elif name != entry.name:
            _clear(entry.path, store)
            with suppress(OSError):
                os.rmdir(entry.path)


def _rewritten(name: str, directory: int, text: str) -> bool:
    """Give a regular file another text in its place; anything else is left alone."""
    try:
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(name, flags, dir_fd=directory)
    except OSError:
        return False
    with open(descriptor, "w", encoding="utf-8") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        file.truncate()
        file.write(text)
    return True


def _is_link(name: str, directory: int) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=directory).st_mode)
    except FileNotFoundError:
        return False


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
