"""Take a sign-in along when ``share_scope`` is changed.

The two forms keep it in different directories. It is moved, never copied: of two copies the
one that refreshes first makes the other's refresh token a used one, and a provider that sees
such a token ends all sign-ins that came of it.
"""

from __future__ import annotations

from collections.abc import Callable

from .authstore import AuthStore
from .known_agents import Agent
from .signin import movable_sign_in, sign_in_of_scope, stored_settings
from .split import CONFIG, can_be_split, other_scope, stored_path
from .store_layout import store_path


def take_over(
    store: AuthStore, agent: Agent, profile: str, scope: str, in_use: Callable[[str], bool]
) -> tuple[str, ...]:
    """Move a sign-in to where ``scope`` keeps it, unless there is one.

    Parameters
    ----------
    in_use : callable
        Whether a session runs that shares in the scope that is given. Asked only when there
        is something to move; then it stays where it is.

    Returns
    -------
    tuple of str
        What the user should know.

    Raises
    ------
    StoreError
        When it cannot be moved.
    """
    if not can_be_split(agent):
        return ()
    other = other_scope(scope)
    if sign_in_of_scope(store, agent, profile, scope).signed_in:
        return ()
    if not movable_sign_in(store, agent, profile, other).signed_in:
        return ()
    title = agent.title or agent.name
    if in_use(other):
        said = (
            f"{title} is signed in with c.AgentAuth.share_scope = {other!r}, and a session that "
            "uses it still runs: stop that one, and the next session takes the sign-in over."
        )
        return (said,)
    root = store_path(str(store.root), agent.name, profile)
    settings = stored_settings(store, agent, profile, other)
    for file in agent.credential_files:
        source, target = stored_path(agent, file, other), stored_path(agent, file, scope)
        store.move(f"{root}/{source}", f"{root}/{target}")
    if scope == CONFIG:
        for path, text in settings.items():
            store.ensure_file(f"{root}/{path}", text)
    return (f"The sign-in of {title} was taken over from c.AgentAuth.share_scope = {other!r}.",)
