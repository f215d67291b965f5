"""What a server keeps of its sessions beside the engine, so that the next one can go on.

On the disk, in Jupyter's runtime directory, ``agentauth/sessions/<session>.json``: what the
container's labels do not hold, as what it was started with, and after the end how it ended.

In memory, ``/dev/shm/agentauth-<uid>/<session>/`` (0700), since a screen can show what must
not lie on a disk:

- a lock on the directory itself, held by the server that owns the session, which ends with
  that process however it ends;
- ``size`` and ``screen``: what a terminal client needs to see the screen as it was.

Where these cannot be had, or are full, sessions work all the same, without what they are for.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from .errors import BadRequest
from .host import state_dir
from .hostfiles import make_private_parents, write_atomically
from .requests import LaunchRequest, parse_session_request
from .session import Session, session_from_json

#: How many ended sessions are remembered.
REMEMBERED = 50

#: When the screen's file is written anew with what a client needs; characters.
_REWRITE_AT = 1_000_000

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW

_log = logging.getLogger(__name__)


def facts_dir() -> Path:
    """Return the directory of what is kept on the disk, which need not exist."""
    return state_dir() / "sessions"


def memory_dir() -> Path:
    """Return the directory of what this user's servers keep in memory, which need not exist."""
    memory = Path("/dev/shm")
    usable = os.access(memory, os.W_OK | os.X_OK)
    return (memory if usable else Path(tempfile.gettempdir())) / f"agentauth-{os.getuid()}"


class SessionRecord:
    """One session's record, owned by this process.

    Parameters
    ----------
    facts : Path
        Its file on the disk.
    memory : Path or None
        Its directory in memory; ``None`` where that cannot be had.
    lock : int
        The locked file descriptor of that directory; -1 without one.

    Attributes
    ----------
    start : LaunchRequest or None
        What the session was started with, if it is known. Arguments can be private, so they
        are kept here and told nowhere.
    """

    def __init__(self, facts: Path, memory: Path | None, lock: int = -1) -> None:
        self.start = _start(_stored(facts))
        self._facts = facts
        self._directory = memory
        self._lock = lock
        self._screen: int | None = None
        self._written = 0

    def save(self, session: Session, server: str) -> None:
        """Keep what the next server has to know of a session."""
        try:
            make_private_parents(self._facts)
            start = None if self.start is None else self.start.to_json()
            kept = {"server": server, "start": start, **session.to_json()}
            write_atomically(self._facts, json.dumps(kept))
        except OSError as error:
            _log.warning("What a session is, is not kept: %s: %s.", self._facts, error.strerror)

    def load(self) -> Session | None:
        """Return the session as it was saved last."""
        return _load(self._facts)[1]

    def save_size(self, rows: int, columns: int) -> None:
        """Keep the terminal's size."""
        if self._directory is not None:
            with suppress(OSError):
                write_atomically(self._directory / "size", f"{rows} {columns}")

    def load_size(self) -> tuple[int, int] | None:
        """Return the rows and columns that were saved last."""
        if self._directory is None:
            return None
        try:
            rows, columns = (self._directory / "size").read_text().split()
            return int(rows), int(columns)
        except (OSError, ValueError):
            return None

    def keep(self, text: str) -> bool:
        """Add to the screen's file.

        Returns
        -------
        bool
            Whether it has grown so far that `keep_anew` is due.
        """
        if self._directory is not None:
            with suppress(OSError):
                if self._screen is None:
                    self._screen = os.open(self._directory / "screen", _APPEND, 0o600)
                os.write(self._screen, text.encode(errors="replace"))
                self._written += len(text)
        return self._written > _REWRITE_AT

    def keep_anew(self, text: str) -> None:
        """Replace the screen's file by what a new client would be sent."""
        if self._directory is not None:
            with suppress(OSError):
                write_atomically(self._directory / "screen", text)
            self._close_screen()
        self._written = len(text)

    def load_screen(self) -> str:
        """Return what was kept of the screen."""
        if self._directory is None:
            return ""
        try:
            # Not `read_text`, which takes carriage returns for line ends.
            return (self._directory / "screen").read_bytes().decode(errors="replace")
        except OSError:
            return ""

    def finish(self, session: Session, server: str) -> bool:
        """Keep how a session ended, but not its screen; nothing at all if its end was wanted.

        Returns
        -------
        bool
            Whether it was, see `SessionRecords.mark_stopped`.
        """
        kept = self.load()
        if kept is not None and kept.state == "stopped":
            self.remove()
            return True
        self.save(session, server)
        self._remove_memory()
        return False

    def remove(self) -> None:
        """Forget the session."""
        self._facts.unlink(missing_ok=True)
        self._remove_memory()

    def close(self) -> None:
        """Let go of the record, which another process can then own."""
        self._close_screen()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _remove_memory(self) -> None:
        if self._directory is not None:
            # While it is locked: who waits for the lock then has a directory that is gone.
            shutil.rmtree(self._directory, ignore_errors=True)
        self.close()

    def _close_screen(self) -> None:
        if self._screen is not None:
            os.close(self._screen)
            self._screen = None


class SessionRecords:
    """The records of this user's sessions.

    Parameters
    ----------
    facts, memory : Path, optional
        By default `facts_dir` and `memory_dir`.
    """

    def __init__(self, facts: Path | None = None, memory: Path | None = None) -> None:
        self._facts = facts or facts_dir()
        self._root = memory or memory_dir()

    def claim(self, session: str) -> SessionRecord | None:
        """Make or take over a session's record.

        Returns
        -------
        SessionRecord or None
            ``None`` while another living process owns it.
        """
        facts = self._facts / f"{session}.json"
        directory = self._root / session
        try:
            self._make_root()
            directory.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            _log.warning("Screens are not kept in %s: %s.", self._root, error.strerror)
            return SessionRecord(facts, None)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        return SessionRecord(facts, directory, lock)

    def all(self, server: str | None = None) -> list[Session]:
        """Return the sessions that have a record, of one server or of all, oldest first."""
        found = [_load(path) for path in self._facts.glob("*.json")]
        sessions = [s for owner, s in found if s is not None and server in (None, owner)]
        return sorted(sessions, key=lambda session: session.started)

    def ended(self) -> list[Session]:
        """Return the remembered sessions that ended, of all servers, oldest first."""
        return [session for session in self.all() if session.state == "exited"]

    def start_of(self, session: str) -> LaunchRequest | None:
        """Return what a session was started with, if that is known."""
        return _start(_stored(self._facts / f"{session}.json"))

    def mark_stopped(self, session: str) -> None:
        """Say to the server that owns a session that its end is wanted."""
        facts = self._facts / f"{session}.json"
        if kept := _stored(facts):
            with suppress(OSError):
                write_atomically(facts, json.dumps({**kept, "state": "stopped"}))

    def forget(self, session: str) -> None:
        """Remove the record of a session that ended."""
        (self._facts / f"{session}.json").unlink(missing_ok=True)

    def forget_oldest(self) -> None:
        """Remember only so many of the sessions that ended."""
        for session in self.ended()[:-REMEMBERED]:
            self.forget(session.id)

    def _make_root(self) -> None:
        with suppress(FileExistsError):
            self._root.mkdir(mode=0o700)
        status = os.lstat(self._root)
        # In a directory that all can write to, another user may have been first.
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise PermissionError(13, "it is not a directory of yours")
        if status.st_mode & 0o077:
            self._root.chmod(0o700)


def _load(facts: Path) -> tuple[str, Session | None]:
    stored = _stored(facts)
    try:
        return str(stored["server"]), session_from_json(stored)
    except (KeyError, TypeError):
        return "", None


def _start(stored: dict[str, Any]) -> LaunchRequest | None:
    try:
        return parse_session_request(stored.get("start"))
    except BadRequest:
        return None


def _stored(facts: Path) -> dict[str, Any]:
    try:
        stored = json.loads(facts.read_text())
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}
