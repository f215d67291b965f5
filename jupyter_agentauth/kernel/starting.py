"""A run that is being started can be interrupted, and leaves no container.

Until the server has answered, nobody here knows which run to stop, and a request that is cut off
may have started one. So the request is made in a thread, which an interrupt does not reach.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from .errors import AgentError
from .follow import Lines, close

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
    started: Future[tuple[Run, Lines]] = Future()

    def work() -> None:
        try:
            started.set_result(start())
        except BaseException as error:
            started.set_exception(error)

    thread = threading.Thread(target=work, daemon=True, name="agent run starts")
    thread.start()
    try:
        return started.result()
    except KeyboardInterrupt:
        started.add_done_callback(lambda done: _stop(client, done))
        thread.join(_PATIENCE)
        raise


def _stop(client: Client, started: Future[tuple[Run, Lines]]) -> None:
    with suppress(AgentError):
        run, lines = started.result()
        client.stop_run(run.id)
        close(lines)
