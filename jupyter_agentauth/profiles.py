"""An agent's profiles: several accounts side by side, each made by being used."""

from __future__ import annotations

import os

from .authstore import AuthStore, StoreError
from .known_agents import Agent
from .store_layout import store_path


def profiles(store: AuthStore, agent: Agent, chosen: str) -> list[str]:
    """Return an agent's profiles.

    Parameters
    ----------
    chosen : str
        The profile that sessions have by themselves now.

    Returns
    -------
    list of str
        The default one and the chosen one, used or not, and each other one under which the
        agent has stored something, signed in or not.
    """
    used = (name for name in store.profiles() if _has_stored(store, agent, name))
    return list(dict.fromkeys(("default", chosen, *used)))


def _has_stored(store: AuthStore, agent: Agent, profile: str) -> bool:
    root = store_path(str(store.root), agent.name, profile)
    seeds = {path: seed.encode() for path, seed in agent.auth_files.items()}

    def counts(path: str) -> bool:
        return path not in seeds or store.read(os.path.join(root, path)) not in (
            seeds[path],
            b"",
            None,
        )

    try:
        return store.has_file(root, "", counts)
    except StoreError:
        return True  # There is something, whatever it is.
