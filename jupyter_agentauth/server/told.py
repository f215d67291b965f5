"""What front ends were told last, and that it is no longer so.

::

    GET agents, worktrees, settings ──► Told ◄── a look ◄── an agent printed, a session ended,
                                         │   (a thread)     something was changed
                                         └── it differs ──► Events, once

What nobody asked for is not looked at, and of what was told to have changed nothing more is
told before somebody asks again. Nothing here polls: without a cause there is no look.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ..agent_status import sign_ins
from ..errors import AgentAuthError
from ..session import Session
from ..sessions import SessionManager
from ..worktrees.listing import PENDING, ListedWorktree, look_again
from .events import Events

#: From a cause to its look: a sign-in and a commit are several writes.
_SOON_SECONDS = 0.3

#: From one look to the next, at least; and so many times as long as the look took, so that at
#: most a tenth of the time is spent on it.
_PAUSE_SECONDS, _PAUSE_TIMES = 2.0, 9


class _Subject:
    """One thing that is told as a whole.

    Parameters
    ----------
    tell : callable
        Tells that it has changed.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self.value: Any = None
        #: Whether what was told last is still to be held against what is.
        self.known = False
        self.outdated = False

    def answered(self, value: object) -> None:
        """Take note of what somebody was told; of others, who were told otherwise, too."""
        self.outdated = self.outdated or (self.known and value != self.value)
        self.value, self.known = value, True

    def seen(self, value: object) -> None:
        """Take note of what it is; tell it if somebody was told otherwise."""
        if self.known and (self.outdated or value != self.value):
            self.change()

    def change(self) -> None:
        """Tell that it has changed, and no more before somebody asks."""
        self.known = self.outdated = False
        self._tell()


class Told:
    """Lives on the server's event loop; looks in the sessions' threads.

    Parameters
    ----------
    events : Events
        Where changes go.
    sessions : SessionManager
        Its service is looked at.
    """

    def __init__(self, events: Events, sessions: SessionManager) -> None:
        self._events = events
        self._sessions = sessions
        self._agents: dict[str, _Subject] = {}
        self._worktrees = _Subject(events.worktrees_changed)
        self._settings = _Subject(events.settings_changed)
        #: How many answers were given, of whatever: what was looked at before one is not news.
        self._answers = 0
        self._sign_ins_due = False
        self._listing_due = False
        #: The worktrees in which an agent printed since they were looked at.
        self._worked_in: set[str] = set()
        self._looking: asyncio.Task[None] | None = None
        self._rest_until = 0.0

    def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    def agents_answered(self, agents: Iterable[Mapping[str, object]]) -> None:
        """Take note of what ``GET agents`` answered."""
        for agent in agents:
            name = str(agent["name"])
            tell = partial(self._events.agent_changed, name)
            subject = self._agents.setdefault(name, _Subject(tell))
            subject.answered(_sign_in(agent))
            self._sign_ins_due |= subject.outdated
        self._answered()

    def worktrees_answered(self, worktrees: Iterable[ListedWorktree]) -> None:
        """Take note of what ``GET worktrees`` answered."""
        by_path = _by_path(worktrees)
        self._worktrees.answered(by_path)
        self._listing_due |= self._worktrees.outdated or _is_pending(by_path)
        self._answered()

    def settings_answered(self, settings: Mapping[str, object]) -> None:
        """Take note of what ``GET settings`` answered."""
        self._settings.answered(settings)
        self._sign_ins_due |= self._settings.outdated
        self._answered()

    def settings_changed(self, settings: Mapping[str, object]) -> None:
        """Take note of what ``PATCH settings`` answered; it can be another profile."""
        self._settings.seen(settings)
        self.settings_answered(settings)
        self.sign_in_changed()

    def worktrees_changed(self) -> None:
        """Tell that worktrees were made or removed by this server."""
        self._worktrees.change()

    def sign_in_changed(self) -> None:
        """Look at the sign-ins: one was deleted, or is another now."""
        self._sign_ins_due = True
        self._look_soon()

    def worked(self, session: Session) -> None:
        """Look at what an agent works at, since it printed something; called very often."""
        self._worked_in.add(session.worktree)
        self._sign_ins_due |= session.share_auth
        self._look_soon()

    def session_ended(self) -> None:
        """Look at all: it may have been anybody's session."""
        self._sign_ins_due = self._listing_due = True
        self._look_soon()

    def _answered(self) -> None:
        self._answers += 1
        self._look_soon()  # What worked meanwhile may have done so after the answer was read.

    @property
    def _sign_ins_known(self) -> bool:
        return self._settings.known or any(agent.known for agent in self._agents.values())

    def _is_due(self) -> bool:
        worktrees = self._listing_due or bool(self._worked_in)
        return (self._sign_ins_due and self._sign_ins_known) or (
            worktrees and self._worktrees.known
        )

    def _look_soon(self) -> None:
        if (self._looking is None or self._looking.done()) and self._is_due():
            self._looking = asyncio.ensure_future(self._look_while_due())

    async def _look_while_due(self) -> None:
        while self._is_due():
            await asyncio.sleep(max(_SOON_SECONDS, self._rest_until - time.monotonic()))
            began = time.monotonic()
            for look in (self._look_at_worktrees, self._look_at_sign_ins):
                try:
                    await look()
                except (AgentAuthError, OSError) as error:
                    # Who asks for it is told the same, and what is wrong.
                    logging.getLogger(__name__).debug("A look failed: %r", error)
                except RuntimeError:
                    return  # The threads are closed: the server ends.
            ended = time.monotonic()
            self._rest_until = ended + max(_PAUSE_SECONDS, _PAUSE_TIMES * (ended - began))

    async def _look_at_worktrees(self) -> None:
        told, everything, paths = self._worktrees.value, self._listing_due, self._worked_in
        if not self._worktrees.known or not (everything or paths):
            return
        self._listing_due, self._worked_in = False, set()
        answers = self._answers
        if everything:
            listed = await self._sessions.blocking(self._sessions.service.worktrees)
            now = _by_path(listed)
            self._listing_due |= _is_pending(now)
        else:
            now = await self._sessions.blocking(_looked_at_again, told, paths)
        if answers == self._answers:
            self._worktrees.seen(now)
        else:  # It can be older than what somebody was told meanwhile.
            self._listing_due |= everything
            self._worked_in |= paths

    async def _look_at_sign_ins(self) -> None:
        # The settings at every look: a command can have written what is chosen.
        if not self._sign_ins_known:
            return
        due, self._sign_ins_due = self._sign_ins_due, False
        answers = self._answers
        settings, agents = await self._sessions.blocking(self._see_sign_ins, due)
        if answers == self._answers:
            self._settings.seen(settings)
            for agent in agents:
                if subject := self._agents.get(str(agent["name"])):
                    subject.seen(_sign_in(agent))
        else:
            self._sign_ins_due |= due

    def _see_sign_ins(self, due: bool) -> tuple[dict[str, object], list[dict[str, object]]]:
        service = self._sessions.service
        settings = service.settings_json()
        return settings, sign_ins(service.settings, service.store) if due else []


def _sign_in(agent: Mapping[str, object]) -> tuple[object, object]:
    return agent["signed_in"], agent["profiles"]


def _by_path(worktrees: Iterable[ListedWorktree]) -> dict[str, ListedWorktree]:
    return {worktree.path: worktree for worktree in worktrees}


def _is_pending(worktrees: Mapping[str, ListedWorktree]) -> bool:
    return any(worktree.problem == PENDING for worktree in worktrees.values())


def _looked_at_again(
    told: Mapping[str, ListedWorktree], paths: Iterable[str]
) -> dict[str, ListedWorktree]:
    looked = {path: look_again(told[path]) for path in paths if path in told}
    return _by_path(found for path, old in told.items() if (found := looked.get(path, old)))
