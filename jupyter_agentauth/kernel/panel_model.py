"""The server's state, kept for all panels of a kernel, and what can be done with it.

::

    events ──► stale parts ──► the reading thread ──► state ──► each panel that watches
    a click ──► a thread of its own ──► the server, then stale parts

Nothing is polled: an event says which part is stale. While the connection is lost, it is tried
again with growing pauses (`events.py`), and each try looks for the server, too, which may have
come back at another address; then everything is read again. One reading thread and one connection
serve all panels, and end with the last of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .build_follower import BuildFollower
from .errors import AgentError, ServerError
from .events import EventFollower
from .panel_state import PARTS, Build, PanelState, stale_after

if TYPE_CHECKING:
    from .client import Client

T = TypeVar("T")

#: Of a server that answers, and yet is of no use to a panel.
_OF_NO_USE = ("extension_missing", "not_let_in")

#: Called in whichever thread changed the state.
Listener = Callable[[PanelState], None]


class PanelModel:
    """Read the server's state and follow it, from `start` to `stop`.

    Parameters
    ----------
    connect : callable
        Finds the server; asked anew when it was lost.
    """

    def __init__(self, connect: Callable[[], Client]) -> None:
        self.state = PanelState()
        self._connect = connect
        self._client: Client | None = None
        self._events: EventFollower | None = None
        self._listeners: list[Listener] = []
        self._stale: set[str] = set(PARTS)
        self._changed = threading.Condition()
        self._telling = threading.RLock()
        self._stopped = False
        self._retries = False
        self._builds = BuildFollower(self._built)

    def watch(self, listener: Listener) -> None:
        """Have a panel told each state, from the present one on; the first one starts it all."""
        with self._telling:
            self._listeners.append(listener)
            first = len(self._listeners) == 1
            listener(self.state)
        if first:
            threading.Thread(target=self._read_on, daemon=True, name="agent panel: read").start()

    def leave(self, listener: Listener) -> bool:
        """Have a panel told no more; return whether it was the last, with which all ends."""
        with self._telling:
            if listener in self._listeners:
                self._listeners.remove(listener)
            if self._listeners:
                return False
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._builds.stop()
        self._follow(None)
        return True

    def read_again(self, *parts: str) -> None:
        """Have parts read; all of them, and the server looked for, when none is named."""
        with self._changed:
            self._stale |= set(parts or PARTS)
            self._retries = not parts or self._retries
            self._changed.notify_all()

    def do(self, work: Callable[[Client], T], *stale: str) -> T:
        """Do something that blocks, in the caller's thread, and have read what it changed.

        Raises
        ------
        AgentError
            One sentence.
        """
        try:
            return work(self._client or self._connect())
        finally:
            if stale:
                self.read_again(*stale)

    def build(self) -> None:
        """Build the image, and follow it to its end, in the caller's thread."""
        client = self._client or self._connect()
        # A build in an image's place begins with what that began with.
        base = (self.state.image or {}).get("base_image")
        self._builds.begin(lambda: client.build_image(base_image=base))

    def changed_settings(self, settings: Mapping[str, Any]) -> None:
        """Take note of what the server answered to a change."""
        self._tell(lambda state: state.read("settings", settings))

    def _read_on(self) -> None:
        while self._wait():
            with self._changed:
                # In the order in which they are shown.
                parts = [part for part in PARTS if part in self._stale]
                self._stale.clear()
                self._retries = False
            try:
                self._read(parts)
            except AgentError as error:
                self._lose(error)

    def _wait(self) -> bool:
        """Wait until there is something to read; return whether there is.

        Nothing is asked of a server that is lost, until there is a reason to try again.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._stopped or self._retries or (self._stale and self.state.server != "lost")
                )
            )
            return not self._stopped

    def _read(self, parts: list[str]) -> None:
        client = self._reach()
        for part in parts:
            self._tell(_reading(client, part))
            if self._stopped:
                return

    def _reach(self) -> Client:
        if self._client is None:
            self._client = self._connect()
            self._follow(
                EventFollower(self._client, self._happened, self._reconnected, self._try_again)
            )
        return self._client

    def _lose(self, error: AgentError) -> None:
        """Take note that there is no server."""
        problem = error.message
        if error.reason == "server_gone":
            problem = f"{problem.removesuffix('.')}, and press Retry."
        with self._changed:
            self._stale |= set(PARTS)
        self._tell(lambda state: state.lost(problem))

    def _follow(self, events: EventFollower | None) -> None:
        with self._telling:
            before, self._events = self._events, None if self._stopped else events
        if before is not None:
            before.stop()
        if self._events is not None:
            self._events.start()

    def _happened(self, kind: str, data: Mapping[str, Any]) -> None:
        stale = stale_after(kind)
        if stale:
            self.read_again(*stale)
        if kind == "image" and (data.get("state") == "building" or self.state.builds):
            self._join_build()

    def _try_again(self) -> None:
        """The events' connection is lost: see whether the server is, too."""
        with self._changed:
            self._stale.add("settings")
            self._retries = True
            self._changed.notify_all()

    def _reconnected(self) -> None:
        self.read_again()
        self._join_build()

    def _join_build(self) -> None:
        client = self._client
        if client is None or self._builds.follows or self._stopped:
            return

        def join() -> None:
            self._builds.join(lambda: client.join_build())

        threading.Thread(target=join, daemon=True, name="agent panel: build").start()

    def _built(self, build: Build | None) -> None:
        self._tell(lambda state: state.building(build))
        if build is None or build.state != "running":
            self.read_again("image", "agents")

    def _tell(self, change: Callable[[PanelState], PanelState]) -> None:
        """Change the state and show it; one at a time, so that no older one is shown last."""
        with self._telling:
            self.state = change(self.state)
            for listener in tuple(self._listeners):
                listener(self.state)


def _reading(client: Client, part: str) -> Callable[[PanelState], PanelState]:
    """Read a part, and return what that changes of the state."""
    try:
        value = getattr(client, part)()
    except ServerError as error:
        if error.reason in _OF_NO_USE:
            raise
        message = error.message
        return lambda state: state.refused(part, message)
    return lambda state: state.read(part, value)


_models: dict[object, PanelModel] = {}
_sharing = threading.RLock()


def watch(client: Client | None, listener: Listener) -> PanelModel:
    """Watch the model that the panels of this kernel share; one for each client."""
    with _sharing:
        key = None if client is None else id(client)
        model = _models.get(key)
        if model is None:
            model = _models[key] = PanelModel(_finder(client))
        model.watch(listener)
        return model


def leave(model: PanelModel, listener: Listener) -> None:
    """Watch it no more; the last one ends its threads."""
    with _sharing:
        if model.leave(listener):
            for key in [key for key, known in _models.items() if known is model]:
                del _models[key]


def _finder(client: Client | None) -> Callable[[], Client]:
    if client is not None:
        return lambda: client
    from .client import connect

    return connect
