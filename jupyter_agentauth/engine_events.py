"""What happens in the container engine, told as it happens.

::

    engine ──► one thread ──► happened(ContainerEvent | ImageEvent)
               that waits     connected()   what was before is unknown: read it again
                              lost()        it does not answer

One request stays open for as long as the engine answers. While it does not, it is asked
again a few times a minute at most. Nothing here polls a state.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .launch_plan import LABEL

if TYPE_CHECKING:
    import docker

#: The engine sends no others: not the two for each health check, for one.
_CONTAINER_ACTIONS = ("create", "start", "die", "oom", "kill", "pause", "unpause", "destroy")
_IMAGE_ACTIONS = ("tag", "untag", "delete", "import", "load", "pull")
_FILTERS = json.dumps(
    {"type": ["container", "image"], "event": [*_CONTAINER_ACTIONS, *_IMAGE_ACTIONS]}
)

#: Between two tries while the engine does not answer: the first, and the longest.
_FIRST_DELAY, _LONGEST_DELAY = 0.25, 8.0

#: A silent stream is renewed: a remote engine can vanish without a word, and an engine
#: that hangs must not hold us for longer. Nothing is missed meanwhile, see ``since`` below.
_SILENCE_SECONDS = 30.0


@dataclass(frozen=True)
class ContainerEvent:
    """Something happened to the container of one of the user's sessions.

    Parameters
    ----------
    action : str
        ``create``, ``start``, ``die``, ``oom``, ``kill``, ``pause``, ``unpause`` or
        ``destroy``. ``oom`` says that the kernel killed a process in it at the memory
        limit; the container may live on.
    container : str
        The engine's full id.
    exit_code : int or None
        With ``die``.
    """

    session: str
    action: str
    container: str
    exit_code: int | None = None


@dataclass(frozen=True)
class ImageEvent:
    """Something happened to an image, anyone's.

    Parameters
    ----------
    action : str
        ``tag``, ``untag``, ``delete``, ``import``, ``load`` or ``pull``.
    image : str
        The engine's id; with ``pull`` a name.
    name : str
        With ``tag`` the tag. Docker 20.10 repeats the id with ``untag``, ``delete``,
        ``load`` and ``import``, so only the engine can tell what a tag means now.
    """

    action: str
    image: str
    name: str


class EngineEvents:
    """Listens to the engine, in one thread of its own, from `start` to `close`.

    Parameters
    ----------
    client : callable
        Returns the SDK's client, or raises while there is no engine.
    owner : str
        Whose sessions are told of.
    happened : callable
        Takes each event, in the engine's order. Called in the thread, as ``connected``.
    connected : callable
        Called whenever listening begins, the first time and after the engine was away. What
        happened before may not have been told; all that happens from then on is.
    lost : callable
        Called whenever the engine was looked for and does not answer. One that only ended
        the connection, and takes the next, was not lost.
    """

    def __init__(
        self,
        client: Callable[[], docker.DockerClient],
        owner: str,
        happened: Callable[[ContainerEvent | ImageEvent], None],
        connected: Callable[[], None],
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._owner = owner
        self._happened = happened
        self._connected = connected
        self._lost = lost
        self._since = ""
        self._told = False
        self._lock = threading.Lock()
        self._closed = False
        self._nudge = threading.Event()
        self._thread: threading.Thread | None = None
        self._stream: docker.types.CancellableStream[bytes] | None = None

    @property
    def listening(self) -> bool:
        """Whether it is listened to now, as far as is known."""
        return self._told

    def start(self) -> None:
        """Begin; again does no more than to try at once where it waits for the engine."""
        with self._lock:
            if self._closed:
                return
            self._nudge.set()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="agentauth-engine-events", daemon=True
                )
                self._thread.start()

    def close(self, patience: float = 2.0) -> None:
        """End the thread and its connection; nothing is told afterwards."""
        with self._lock:
            self._closed = True
            self._nudge.set()
            stream, thread = self._stream, self._thread
        if stream is not None:
            # As a read is interrupted. An engine over SSH cannot be: its thread, which keeps
            # nothing alive, ends with the silence.
            with suppress(Exception):
                stream.close()
        if thread is not None and thread is not threading.current_thread():
            thread.join(patience)

    def _run(self) -> None:
        delay = _FIRST_DELAY
        while not self._closed:
            began = time.monotonic()
            try:
                self._listen()
            except Exception as error:
                # Whatever it was: the engine is asked again, and what was missed read again.
                if _is_silence(error):
                    continue
                logging.getLogger(__name__).debug("Engine events: %r", error)
                if not self._told:
                    self._tell(self._lost)
            self._told = False
            calm = time.monotonic() - began > _LONGEST_DELAY
            delay = _FIRST_DELAY if calm else min(2 * delay, _LONGEST_DELAY)
            self._nudge.wait(delay)
            self._nudge.clear()

    def _listen(self) -> None:
        """Tell what happens, until the engine ends the stream or `close` does."""
        api = self._client().api
        # The SDK's own `events` would wait for ever for an engine that hangs.
        since = self._since or f"{time.time():.9f}"
        response = api.get(
            f"{api.base_url}/v{api.api_version}/events",
            params={"filters": _FILTERS, "since": since},
            stream=True,
            timeout=_SILENCE_SECONDS,
        )
        with closing(response):
            response.raise_for_status()
            if not self._hold(response):
                return
            self._since = since
            if not self._told:
                self._told = True
                self._tell(self._connected)
            for event in _events(response):
                # The next stream begins behind it; the engine keeps its last 256 events.
                nanoseconds = int(event.get("timeNano", 0)) + 1
                self._since = f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09d}"
                self._take(event)

    def _hold(self, response: Any) -> bool:
        import docker

        with self._lock:
            self._stream = docker.types.CancellableStream(iter(()), response)
            return not self._closed

    def _take(self, event: dict[str, Any]) -> None:
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        action, identity = str(event.get("Action", "")), str(actor.get("ID", ""))
        if event.get("Type") == "image":
            image = ImageEvent(action, identity, str(attributes.get("name", "")))
            self._tell(self._happened, image)
            return
        session = attributes.get(f"{LABEL}session")
        if not session or attributes.get(f"{LABEL}owner") != self._owner:
            return
        code = attributes.get("exitCode")
        exit_code = int(code) if action == "die" and code is not None else None
        container = ContainerEvent(
            session=session,
            action=action,
            container=identity,
            exit_code=exit_code,
        )
        self._tell(self._happened, container)

    def _tell(self, callback: Callable[..., None], *event: object) -> None:
        if self._closed:
            return
        try:
            callback(*event)
        except Exception:
            # The listener goes on: what comes next is told all the same.
            if not self._closed:
                logging.getLogger(__name__).exception("An engine event was not taken.")


def _events(response: Any) -> Iterator[dict[str, Any]]:
    # As the engine sends them: one object a line, a chunk at a time.
    for line in response.iter_lines(chunk_size=None):
        if line:
            yield json.loads(line)


def _is_silence(error: Exception) -> bool:
    """Whether a stream that was open has been silent for long; `requests` has no word for it."""
    import requests
    import urllib3

    return (
        isinstance(error, requests.exceptions.ConnectionError)
        and bool(error.args)
        and isinstance(error.args[0], urllib3.exceptions.ReadTimeoutError)
    )
