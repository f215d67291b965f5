"""What a server knows of its sessions that are over."""

from __future__ import annotations

from .session import Session
from .session_records import REMEMBERED


class PastSessions:
    """Those that ended, which are listed, and those that were stopped, which are not any more."""

    def __init__(self) -> None:
        self._ended: dict[str, Session] = {}
        self._stopped: dict[str, None] = {}

    @property
    def ended(self) -> list[Session]:
        """Those that are listed."""
        return list(self._ended.values())

    def remember(self, ended: Session) -> None:
        """Take note of one that ended."""
        self._ended[ended.id] = ended
        while len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def get(self, session: str) -> Session | None:
        """Return one that ended."""
        return self._ended.get(session)

    def forget(self, session: str) -> bool:
        """List it no longer; returns whether it was."""
        return self._ended.pop(session, None) is not None

    def note_stopped(self, session: str) -> None:
        """Take note that one was stopped."""
        self._stopped[session] = None
        while len(self._stopped) > REMEMBERED:
            del self._stopped[next(iter(self._stopped))]

    def was_stopped(self, session: str) -> bool:
        """Tell whether one was stopped, not all too long ago."""
        return session in self._stopped
