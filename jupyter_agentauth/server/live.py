"""Live state: what the engine tells reaches the sessions and the front ends.

::

    engine_events.py ──► LiveState ──► SessionManager ──► changed(session, state) ──► Events
    (a thread)           (the loop)                                                     ▲
                                   ──► what the images' names mean now, ───────────────┘
                               whether the engine is there

Listening begins when this server has first reached the engine, or looked for it in vain, since
that is done for agents alone: a server on which nobody uses them has neither the thread nor the
connection.
JupyterLab subscribes to events whether or not there are agents, so that is no sign.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tornado.ioloop import IOLoop

from ..engine_events import ContainerEvent, EngineEvents, ImageEvent
from ..errors import AgentAuthError
from ..owner import owner
from ..service import AgentAuthService
from ..sessions import SessionManager
from .events import Events
from .told import Told

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: The reasons of errors that say that nobody finds the engine.
_GONE = ("engine_missing", "engine_not_running", "engine_no_permission")


class LiveState:
    """Joins the engine's events with the sessions and the images of a server.

    Parameters
    ----------
    events : Events
        Where changes go.
    sessions : SessionManager
        Told of its containers; reports their changes by itself.
    told : Told
        Told when anybody's session ended.
    loop : IOLoop
        The server's.
    """

    def __init__(self, events: Events, sessions: SessionManager, told: Told, loop: IOLoop) -> None:
        self._events = events
        self._sessions = sessions
        self._told = told
        self._loop = loop
        service = sessions.service
        self._listener = EngineEvents(
            lambda: service.engine.client,
            owner(),
            happened=lambda event: loop.add_callback(self._happened, event),
            connected=lambda: loop.add_callback(self._connected),
            lost=lambda: loop.add_callback(self._events.engine_is, lost=True),
        )
        self._read_images = _Once(self._images)
        service.engine.reached = self._listener.start

    def close(self) -> None:
        """End the thread and its connection."""
        self._listener.close()

    def engine_failed(self, reason: object) -> None:
        """Take note of why a request failed: when the engine was not there, it is waited for.

        While it is listened to, the listener knows better.
        """
        if reason in _GONE and not self._listener.listening:
            self._events.engine_is(lost=True)
            if reason != "engine_missing":  # Then there is nothing to listen to.
                self._listener.start()

    def answered(self, image: str, identity: str | None) -> None:
        """Take note of what a front end was told: it is told what differs when we listen."""
        self._events.image_was(image, identity)

    async def build_begins(self) -> str:
        """Tell that the agent image is being built, and return its name."""
        image = await self._sessions.blocking(lambda: self._service.settings.image)
        self._events.image_building(image)
        return image

    async def build_ends(self, image: str, failed: bool) -> None:
        """Tell how that ended."""
        with suppress(AgentAuthError):
            found = await self._sessions.blocking(self._identities, [image])
            self._events.image_build_ended(image, found[image], failed)

    async def _connected(self) -> None:
        self._events.engine_is(lost=False)
        await self._read_images()
        with suppress(AgentAuthError, RuntimeError):
            await self._sessions.all()

    async def _happened(self, event: ContainerEvent | ImageEvent) -> None:
        if isinstance(event, ImageEvent):
            await self._read_images()
        else:
            await self._sessions.container_event(event)
            if event.action == "die":
                self._told.session_ended()

    async def _images(self) -> None:
        # An engine that is away again says so when it is back; a closed pool, that we end.
        with suppress(AgentAuthError, RuntimeError):
            found = await self._sessions.blocking(self._identities, None)
            for image, identity in found.items():
                self._events.image_is(image, identity)

    def _identities(self, images: list[str] | None) -> dict[str, str | None]:
        from ..image.status import image_status

        if images is None:
            settings = self._service.settings
            own = [agent.image for agent in settings.agents.values() if agent.image]
            images = list(dict.fromkeys([settings.image, *own]))
        client = self._service.engine.client
        return {image: image_status(client, image, {}).id for image in images}

    @property
    def _service(self) -> AgentAuthService:
        return self._sessions.service


class _Once:
    """Calls that come while one is under way are answered by one more, after it."""

    def __init__(self, function: Callable[[], Awaitable[None]]) -> None:
        self._function = function
        self._running = False
        self._again = False

    async def __call__(self) -> None:
        self._again = True
        if self._running:
            return
        self._running = True
        try:
            while self._again:
                self._again = False
                await self._function()
        finally:
            self._running = False
