"""Signing out: what an agent stored is deleted, and its profile goes with it.

The directories go, too, but not while a container has them mounted: a later sign-in there
must reach the store. Nor while a launch is under way, whose container would find nothing to
mount: a launch holds its directories (`AuthStore.hold`) until its container runs.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress

from .agent_names import NAME
from .authstore import AuthStore, StoreError
from .errors import shown
from .files.tree_walk import walk
from .known_agents import Agent
from .split import split_path
from .store_layout import store_path
from .storefiles import MissingError, is_directory, store_errors, tighten_entry

#: From an agent's name and a profile, the sessions whose containers have its directories
#: mounted; ``None`` where the engine cannot be asked.
Users = Callable[[str, str], "list[str] | None"]

#: Of a path that is named.
_NAMED_LEVELS = 20


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
    # First, whatever else lies there and however long the engine takes to answer.
    _remove_credentials(store, root, agent)
    with store.alone(root) as alone:
        using = users(agent.name, profile)
        if alone and using == []:
            _empty(store, root, {}, and_directories=True)
            _remove_empty(root, str(store.root))
        else:
            _empty(store, root, agent.single_files)
    return using or []


def sign_out_everywhere(store: AuthStore, table: Mapping[str, Agent], users: Users) -> list[str]:
    """Do it for every agent and profile, and delete what else is in the store.

    Also of agents that the table has no longer, and of all of them where one raises. Returns and
    raises as `sign_out` does.
    """
    using, problems = list[str](), list[StoreError]()
    for profile in store.profiles():
        for name in store.agents(profile):
            agent = table.get(name) or Agent(name, (name,))
            try:
                using += sign_out(store, agent, profile, users)
            except StoreError as problem:
                problems.append(problem)
    if problems:
        raise problems[0]
    if os.path.lexists(store.root):
        with store_errors(str(store.root)):
            store.ensure_directory(str(store.root))
            _clear(str(store.root), store)
    return using


def _remove_credentials(store: AuthStore, root: str, agent: Agent) -> None:
    """Remove the files that hold the sign-in, in either form; see `split`."""
    for file in agent.credential_files:
        for path in {file, split_path(file)} - agent.single_files.keys():
            with suppress(StoreError):  # What is wrong is said of all of it.
                store.remove(f"{root}/{path}")


def _empty(
    store: AuthStore, root: str, mounted: Mapping[str, str], and_directories: bool = False
) -> None:
    """Delete all files below a directory, and what can be of them where some can't.

    Those that containers have mounted by themselves get their first text again instead, for
    else the sign-in would stay in there.
    """
    left: list[str] = []

    def enter(directory: int, where: list[str]) -> list[str]:
        below: list[str] = []
        with os.scandir(directory) as entries:
            for entry in entries:
                if is_directory(entry):
                    # What the owner itself could not open is opened for it.
                    tighten_entry(entry.name, directory)
                    below.append(entry.name)
                    continue
                seed = mounted.get(_path(where, entry.name)) if mounted else None
                if seed is None or not _rewritten(entry.name, directory, seed):
                    _unlink(entry.name, directory, left)
        return below

    def leave(above: int, name: str) -> None:
        if and_directories:
            with suppress(OSError):
                os.rmdir(name, dir_fd=above)

    def refused(error: OSError, where: list[str]) -> None:
        left.append(f"{_path(where)} ({error.strerror})")

    with suppress(MissingError), store.opened(root) as directory, store_errors(root):
        walk(directory, enter, leave, refused)
    if left:
        more = f" and {len(left) - 1:,} more" if len(left) > 1 else ""
        raise StoreError(
            f"The sign-in is deleted, but not all that lies beside it in {root}: "
            f"{shown(left[0])}{more}. Remove the rest as its owner."
        )


def _unlink(name: str, directory: int, left: list[str]) -> None:
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        pass  # A running agent deletes, too.
    except OSError as error:
        left.append(f"{name} ({error.strerror})")


def _path(where: list[str], *names: str) -> str:
    # Few levels are named or mounted by themselves; a path of thousands is built for nobody.
    return "/".join((*where[:_NAMED_LEVELS], *names))


def _remove_empty(path: str, root: str) -> None:
    """Remove a directory and those above it, as far as they are empty."""
    with suppress(OSError):
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
            tighten_entry(entry.path, None)
            _empty(store, entry.path, {}, and_directories=True)
            os.rmdir(entry.path)
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
