"""What this server tells its front ends: each change, once.

Published as Jupyter events, at ``/api/events/subscribe``, with the schemas of ``events/``
beside this package. Subscribing is governed by the resource ``events`` and not by
``agentauth``, so ids and states are all that is told.
"""

from __future__ import annotations

from pathlib import Path

from jupyter_events.logger import EventLogger

SESSION_EVENT = "https://events.jupyter.org/jupyter_agentauth/session/v1"
IMAGE_EVENT = "https://events.jupyter.org/jupyter_agentauth/image/v1"
AGENT_EVENT = "https://events.jupyter.org/jupyter_agentauth/agent/v1"
WORKTREE_EVENT = "https://events.jupyter.org/jupyter_agentauth/worktree/v1"
SETTINGS_EVENT = "https://events.jupyter.org/jupyter_agentauth/settings/v1"
ENGINE_EVENT = "https://events.jupyter.org/jupyter_agentauth/engine/v1"

_SCHEMAS = Path(__file__).parent.parent / "events"

#: Sessions whose last state is remembered, so that it is told once.
_REMEMBERED = 1000


class Events:
    """Publishes changes, on the event loop.

    Parameters
    ----------
    logger : EventLogger
        The server's.
    """

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        for schema in sorted(_SCHEMAS.glob("*.yaml")):
            logger.register_event_schema(schema)
        self._sessions: dict[str, str] = {}
        self._images: dict[str, str | None] = {}
        self._builds: set[str] = set()
        self._engine_is_lost = False

    def session_changed(self, session: str, state: str) -> None:
        """Tell a session's state, unless it was told or the session is over.

        A container that has ended is gone, so nothing but ``stopped`` comes after ``exited``:
        what an engine that was away tells late is no change.
        """
        before = self._sessions.pop(session, None)
        over = before == "stopped" or (before == "exited" and state != "stopped")
        self._sessions[session] = str(before) if over else state
        while len(self._sessions) > _REMEMBERED:
            del self._sessions[next(iter(self._sessions))]
        if not over and state != before:
            self._logger.emit(schema_id=SESSION_EVENT, data={"session": session, "state": state})

    def agent_changed(self, agent: str) -> None:
        """Tell that an agent's sign-in or its profiles are others."""
        self._logger.emit(schema_id=AGENT_EVENT, data={"agent": agent, "state": "changed"})

    def worktrees_changed(self) -> None:
        """Tell that there are other worktrees, or that one is otherwise."""
        self._logger.emit(schema_id=WORKTREE_EVENT, data={"state": "changed"})

    def settings_changed(self) -> None:
        """Tell that the user's choices are others."""
        self._logger.emit(schema_id=SETTINGS_EVENT, data={"state": "changed"})

    def engine_is(self, lost: bool) -> None:
        """Tell that the engine is gone, or there again; not that it was there all the time."""
        if lost != self._engine_is_lost:
            self._engine_is_lost = lost
            state = "lost" if lost else "reached"
            self._logger.emit(schema_id=ENGINE_EVENT, data={"state": state})

    def image_is(self, image: str, identity: str | None) -> None:
        """Take note of what an image's name means in the engine, and tell a change of it.

        Parameters
        ----------
        identity : str or None
            The engine's id; ``None`` where it has no such image.
        """
        known = image in self._images
        changed = known and self._images[image] != identity
        self._images[image] = identity
        if changed:
            self._builds.discard(image)
            self._image_changed(image, "present" if identity else "absent")

    def image_was(self, image: str, identity: str | None) -> None:
        """Take note of what a front end was answered, unless more is known."""
        self._images.setdefault(image, identity)

    def image_building(self, image: str) -> None:
        """Tell that a build of an image begins."""
        self._builds.add(image)
        self._image_changed(image, "building")

    def image_build_ended(self, image: str, identity: str | None, failed: bool) -> None:
        """Tell how a build ended, and so what the image is: one or the other, once."""
        if failed:
            self._builds.discard(image)
            self._image_changed(image, "failed")
        self.image_is(image, identity)
        if image in self._builds:
            # It was broken off, or made what was there.
            self._builds.discard(image)
            self._image_changed(image, "present" if identity else "absent")

    def _image_changed(self, image: str, state: str) -> None:
        self._logger.emit(schema_id=IMAGE_EVENT, data={"image": image, "state": state})
