"""The server's state, kept for all panels of a kernel, and what can be done with it.

::

    events ──► stale parts ──► the reading thread ──► state ──► each panel that watches
    a click ──► a thread of its own ──► the server, then stale parts

Nothing is polled: an event says which part is stale. After a lost connection everything is read
again; the pauses between tries grow. One reading thread and one connection serve all panels, and
end with the last of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .build_follower import BuildFollower
from .errors import AgentError, ServerError
from .events import EventFollower
from .panel_state import PARTS, Build, PanelState, stale_after, subject_of

if TYPE_CHECKING:
    from .client import Client

#: Between two tries to reach a server that was there: the first pause and the longest, in seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0

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
        self._pause = _FIRST_PAUSE
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

    def do(self, work: Callable[[Client], Any], *stale: str) -> Any:
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
        self._builds.begin(lambda: client.build_image())

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
                self._lose(error.message, parts)
            else:
                self._pause = _FIRST_PAUSE

    def _wait(self) -> bool:
        """Wait until there is something to read; return whether there is."""
        with self._changed:
            if self.state.server == "lost" and not self._stopped and not self._retries:
                # One that was never there is looked for when the user says so.
                pause = self._pause if self.state.values else None
                self._changed.wait_for(lambda: self._stopped or self._retries, pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            else:
                self._changed.wait_for(lambda: self._stopped or self._stale)
            return not self._stopped

    def _read(self, parts: list[str]) -> None:
        client = self._reach()
        for part in parts:
            try:
                value = getattr(client, part)()
            except ServerError as error:
                message = error.message
                self._tell(lambda state, part=part, message=message: state.refused(part, message))
            else:
                self._tell(lambda state, part=part, value=value: state.read(part, value))
            if self._stopped:
                return

    def _reach(self) -> Client:
        if self._client is None:
            client = self._connect()
            self._client = client
            self._follow(EventFollower(client, self._happened, self._reconnected))
            self._join_build()
        return self._client

    def _lose(self, problem: str, parts: list[str]) -> None:
        """Take note that there is no server, and look for it anew the next time."""
        self._client = None
        self._follow(None)
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

    def _happened(self, event: Mapping[str, Any]) -> None:
        stale = stale_after(event)
        if stale:
            self.read_again(*stale)
        if subject_of(event) == "image" and (event.get("state") == "building" or self.state.builds):
            self._join_build()

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
