"""Restarting a session: a new one is started in its place, as it was asked for."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from .errors import AgentAuthError, Conflict
from .session import Session
from .sessions import SessionManager


async def restart(sessions: SessionManager, session: str) -> Session:
    """Start a session anew, whether it runs or has ended, and list the old one no longer.

    A sharing that was not asked for by name is the present preference's again.

    Returns
    -------
    Session
        The new one, which has an id of its own.

    Raises
    ------
    NotFound
        For an id that is no listed session's.
    Conflict
        With reason ``restart_unknown`` for a session that no server opened, and with
        ``session_restarting`` while it is being restarted, and with ``worktree_changed`` when
        its directory has become part of another worktree, which its agent can bring about.
    AgentAuthError
        When it cannot be started. The old one goes on then, unless it failed at the very end.
    """
    if session in sessions.restarting:
        raise Conflict("The session is being restarted already: wait for it.", "session_restarting")
    sessions.restarting.add(session)
    try:
        old = await sessions.get(session)
        request = await sessions.blocking(sessions.records.start_of, session)
        if request is None:
            raise Conflict(
                "How the session was started is not known, since a command or an older version "
                "did it: stop it and open a new one.",
                "restart_unknown",
            )

        if old.state != "exited":
            make_room = partial(sessions.stop, session)
            return await sessions.open(request, make_room, old.worktree)
        new = await sessions.open(request, worktree=old.worktree)
        with suppress(AgentAuthError):
            await sessions.stop(session)  # It was listed until the new one ran.
        return new
    finally:
        sessions.restarting.discard(session)
