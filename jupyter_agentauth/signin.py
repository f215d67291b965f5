"""Signed in or not, told from the files that each CLI keeps; no container is started.

A blanked token, garbage, an empty object, or an expired token without a refresh token is
"not signed in". Of a file that no CLI writes (a link, a FIFO, megabytes of brackets) it can't be
determined, which is said. What each CLI's files say is judged in `signin_forms.py`; here is where
they are read. A key that is only passed through from the server's environment is no stored
sign-in, and that a token is accepted only a request can tell.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from .authstore import AuthStore, StoreError
from .known_agents import Agent
from .signin_forms import NOT_SIGNED_IN, NOT_THE_FORM, RULES, Read, SignIn
from .split import (
    CONFIG,
    CREDENTIALS,
    can_be_split,
    other_scope,
    settings_of_sign_in,
    stored_path,
)
from .store_layout import store_path
from .text.bounded_json import TooMuch

#: Claude Code's `.claude.json` grows with every project.
_LARGEST = 8_000_000

#: Seconds between looks at a file that is empty.
_PATIENCE = (0.01, 0.03, 0.0)


def sign_in(store: AuthStore, agent: Agent, profile: str, scope: str = CONFIG) -> SignIn:
    """Tell whether an agent is signed in under a profile, for sessions that start now.

    For an agent of the user's own, whose files we do not know: whether it keeps any file
    in its auth directories that is not just its seed.

    Parameters
    ----------
    scope : str
        ``share_scope``. A sign-in of the other scope counts, too, since the next session
        takes it over; see `handover`.
    """
    if scope == CREDENTIALS and not can_be_split(agent):
        return NOT_SIGNED_IN
    state = sign_in_of_scope(store, agent, profile, scope)
    if state.signed_in or not can_be_split(agent):
        return state
    other = movable_sign_in(store, agent, profile, other_scope(scope))
    return other if other.signed_in else state


def sign_in_of_scope(store: AuthStore, agent: Agent, profile: str, scope: str) -> SignIn:
    """Tell whether an agent is signed in where one ``share_scope`` keeps its credentials."""
    if scope == CREDENTIALS:
        return movable_sign_in(store, agent, profile, scope)
    return _judge(store, agent, profile, _reader(store, agent, profile, scope))


def movable_sign_in(store: AuthStore, agent: Agent, profile: str, scope: str) -> SignIn:
    """Tell whether the agent's credential files alone are a sign-in, as `handover` moves them.

    Claude Code's key of a Console account lies among its settings and stays where it is.
    """
    stored = _reader(store, agent, profile, scope)
    settings = stored_settings(store, agent, profile) if scope == CREDENTIALS else {}
    chosen = {path for path, _ in agent.sign_in_settings.values()} if scope == CONFIG else set()

    def read(path: str) -> bytes | None:
        if path in settings:
            return settings[path].encode()
        return stored(path) if path in chosen.union(agent.credential_files) else None

    return _judge(store, agent, profile, read, movable=True)


def _judge(
    store: AuthStore, agent: Agent, profile: str, read: Read, movable: bool = False
) -> SignIn:
    rule = RULES.get(agent.name)
    try:
        if rule is not None:
            return rule(read, agent.env)
        if movable:
            return SignIn(any(read(file) for file in agent.credential_files))
        return SignIn(_stored_anything(store, agent, profile, read))
    except NOT_THE_FORM:
        return NOT_SIGNED_IN
    except StoreError as error:
        return _undetermined(error.message)
    except TooMuch as error:
        root = store_path(str(store.root), agent.name, profile)
        return _undetermined(f"a file in {root} {error}: sign out to remove it.")


def _undetermined(why: str) -> SignIn:
    return SignIn(None, problem=f"Whether it is signed in can't be determined: {why}")


def _reader(store: AuthStore, agent: Agent, profile: str, scope: str) -> Read:
    root = store_path(str(store.root), agent.name, profile)

    def read(path: str) -> bytes | None:
        # Gemini CLI 0.61.0 empties a file before it writes it anew.
        content = None
        for pause in _PATIENCE:
            content = store.read(f"{root}/{stored_path(agent, path, scope)}", limit=_LARGEST)
            if content != b"":
                break
            time.sleep(pause)
        return content

    return read


def stored_settings(
    store: AuthStore, agent: Agent, profile: str, scope: str = CREDENTIALS
) -> Mapping[str, str]:
    """Return the settings files that the stored sign-in needs in a home without any."""
    root = store_path(str(store.root), agent.name, profile)
    return settings_of_sign_in(
        agent, lambda file: store.written(f"{root}/{stored_path(agent, file, scope)}")
    )


def _stored_anything(store: AuthStore, agent: Agent, profile: str, read: Read) -> bool:
    seeds = {path: seed.encode() for path, seed in agent.auth_files.items()}
    if any(read(path) not in (None, b"", seed) for path, seed in seeds.items()):
        return True
    root = store_path(str(store.root), agent.name, profile)

    def counts(path: str) -> bool:
        return path not in seeds and store.written(f"{root}/{path}") is not None

    return any(store.has_file(root, directory, counts) for directory in agent.auth_dirs)
