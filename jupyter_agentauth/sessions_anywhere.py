"""A user's sessions on whichever server, and those of no server: for the commands."""

from __future__ import annotations

from .service import AgentAuthService
from .session import Session, session_of
from .session_records import SessionRecords


def sessions_anywhere(service: AgentAuthService) -> list[Session]:
    """List what runs of this user, and then what ended, each oldest first.

    Raises
    ------
    EngineError
    """
    running = {c.labels["session"]: session_of(c) for c in service.containers()}
    ended = [session for session in SessionRecords().ended() if session.id not in running]
    return [*running.values(), *ended]


def stop_anywhere(service: AgentAuthService, session: str) -> bool:
    """Stop a session, or forget one that ended; returns whether there was one.

    Raises
    ------
    EngineError
    """
    records = SessionRecords()
    known = any(kept.id == session for kept in records.all())
    records.mark_stopped(session)
    found = service.stop(session)
    if known and (unowned := records.claim(session)):
        unowned.remove()
    return found or known
