"""The sessions of the server that was here before: to go on with, or ended meanwhile."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from .engine import RunningContainer
from .live_session import LiveSession, Owner, last_lines
from .replay import Replay
from .session import Session, session_of
from .session_records import SessionRecords


async def sessions_before(
    owner: Owner, records: SessionRecords, known: Container[str]
) -> tuple[list[LiveSession], list[Session]]:
    """Take over what was this server's before it was started, and no living server's.

    Parameters
    ----------
    owner : SessionManager
        Of whom they are from now on.
    known : container of str
        The ids of those that it has already.

    Returns
    -------
    tuple
        Those that run, in terminals again, and those that ended.

    Raises
    ------
    EngineError
    """
    service = owner.service
    containers = await owner.blocking(service.containers)
    found = {
        container.labels["session"]: container
        for container in containers
        # One that ended is no longer there, though an administrator may have it kept.
        if container.labels.get("server") == service.server
        and session_of(container).state != "exited"
    }
    live, ended = [], []
    for session, container in found.items():
        if session not in known and (taken := await _taken_over(owner, records, container)):
            live.append(taken)
    for kept in await owner.blocking(records.all, service.server):
        if kept.state == "exited":
            ended.append(kept)
        elif kept.id not in found and kept.id not in known:
            ended += await _ended_unseen(owner, records, kept)
    return live, ended


async def _taken_over(
    owner: Owner, records: SessionRecords, container: RunningContainer
) -> LiveSession | None:
    session = container.labels["session"]
    record = await owner.blocking(records.claim, session)
    if record is None:
        return None  # Another server with our root opened it, and lives.
    kept = await owner.blocking(record.load) or session_of(container)
    if session_of(container).state == "starting":
        # Its server was killed in the middle of its launch.
        await owner.blocking(owner.service.stop, session)
        await owner.blocking(record.remove)
        return None
    replay = Replay.restore(await owner.blocking(record.load_screen))
    live = LiveSession(owner, replace(kept, terminal=None), record, replay)
    await live.follow(container)
    return live


async def _ended_unseen(owner: Owner, records: SessionRecords, kept: Session) -> list[Session]:
    record = await owner.blocking(records.claim, kept.id)
    if record is None:
        return []
    code, problem = await owner.blocking(owner.service.how_it_ended, kept.container, None)
    lines = last_lines(Replay.restore(record.load_screen())) if code != 0 else ()
    ended = kept.ended(code, problem, lines)
    stopped = await owner.blocking(record.finish, ended, owner.service.server)
    return [] if stopped else [ended]
