"""A subscriber to the server's events, as a front end is one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from tornado.websocket import WebSocketClientConnection
from waiting import DEADLINE

SESSION = "https://events.jupyter.org/jupyter_agentauth/session/v1"
IMAGE = "https://events.jupyter.org/jupyter_agentauth/image/v1"
AGENT = "https://events.jupyter.org/jupyter_agentauth/agent/v1"
WORKTREE = "https://events.jupyter.org/jupyter_agentauth/worktree/v1"
SETTINGS = "https://events.jupyter.org/jupyter_agentauth/settings/v1"
ENGINE = "https://events.jupyter.org/jupyter_agentauth/engine/v1"

#: What jupyter_events and the websocket put around an event.
_AROUND = {
    "schema_id", "__timestamp__", "__schema__", "__schema_version__", "__metadata_version__",
}  # fmt: skip


class Subscriber:
    """Reads all events that come over one websocket.

    Parameters
    ----------
    connection : WebSocketClientConnection
        To ``/api/events/subscribe``.
    """

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self.events: list[tuple[str, dict[str, Any]]] = []

    def states(self, session: str) -> list[str]:
        """The states that were told of a session, in order."""
        return [d["state"] for kind, d in self.events if kind == SESSION if d["session"] == session]

    def images(self) -> list[tuple[str, str]]:
        """Which images were told to be in which state, in order."""
        return [(d["image"], d["state"]) for kind, d in self.events if kind == IMAGE]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was told of one kind, in order."""
        return [data for told, data in self.events if told == kind]

    def sessions(self) -> set[str]:
        """Of which sessions anything was told."""
        return {data["session"] for kind, data in self.events if kind == SESSION}

    async def until(self, true: Callable[[], bool], seconds: float = DEADLINE) -> None:
        """Read until something holds.

        Raises
        ------
        AssertionError
            With all events, when the time is over.
        """
        deadline = time.monotonic() + seconds
        while not true():
            left = deadline - time.monotonic()
            try:
                message = await asyncio.wait_for(self._connection.read_message(), left)
            except asyncio.TimeoutError:
                raise AssertionError(f"this was told, and no more: {self.events}") from None
            assert message is not None, "the server closed the connection"
            event = json.loads(message)
            data = {key: value for key, value in event.items() if key not in _AROUND}
            self.events.append((event["schema_id"], data))

    async def until_states(self, session: str, *states: str) -> None:
        """Read until a session is told to be in the last state, and require the way there."""
        await self.until(lambda: states[-1] in self.states(session)[len(states) - 1 :])
        assert self.states(session) == list(states)
