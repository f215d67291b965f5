"""A run that is being started can be interrupted, and leaves no container.

Until the server has answered, nobody here knows which run to stop, and a request that is cut off
may have started one. So the request is made in a thread, which an interrupt does not reach.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TYPE_CHECKING

from .errors import AgentError
from .follow import Lines, close
from .work import in_thread

if TYPE_CHECKING:
    from .client import Client
    from .run import Run

#: How long an interrupted cell waits for its container to be gone, in seconds.
_PATIENCE = 60


def start_interruptibly(
    client: Client, start: Callable[[], tuple[Run, Lines]]
) -> tuple[Run, Lines]:
    """Return what `start` returns; an interrupt meanwhile stops the run as soon as it is known.

    Raises
    ------
    KeyboardInterrupt
        The container is gone then, or goes when the server has answered.
    """
    started = in_thread(start, "agent run starts")
    try:
        return started.result()
    except KeyboardInterrupt:
        try:
            wait([started], _PATIENCE)
        finally:  # At once where it is known, else as soon as it is.
            started.add_done_callback(lambda done: _stop(client, done))
        raise


def _stop(client: Client, started: Future[tuple[Run, Lines]]) -> None:
    with suppress(AgentError):
        run, lines = started.result()
        client.stop_run(run.id)
        close(lines)
