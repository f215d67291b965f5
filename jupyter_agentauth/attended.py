"""Run ``docker run`` in the user's own terminal, and never leave its container behind.

The engine's client leaves the container running when it is killed or hung up on. So we
stay its parent: when the terminal closes, the container is stopped.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from .errors import EngineError

#: What a closing terminal, a shutdown or a service manager sends.
_ENDINGS = (signal.SIGHUP, signal.SIGTERM)


#: Seconds that a client has after its container's end.
_PATIENCE = 5


class _Ended(Exception):
    """A signal asked us to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def run_attended(argv: list[str], stop: Callable[[], object]) -> int:
    """Run a command with our own standard streams.

    Parameters
    ----------
    argv : list of str
        The ``docker run`` line.
    stop : callable
        Stops its container.

    Returns
    -------
    int
        The agent's exit code; 128 and the signal's number when we were asked to end.
    """

    def end(number: int, frame: FrameType | None) -> None:
        raise _Ended(number)

    before = {number: signal.signal(number, end) for number in _ENDINGS}
    # Ctrl-C reaches the client itself, which passes it on to the agent.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        client = subprocess.Popen(argv, preexec_fn=_default_interrupt)
        try:
            code = client.wait()
            if code >= 0:
                return code
            # Somebody killed the client, and its container would run on with nobody to see it.
            with suppress(EngineError):
                stop()
            return 128 - code
        except _Ended as ended:
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            try:
                stop()
            except EngineError:
                client.terminate()
            _end(client)
            return 128 + ended.number
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(client: subprocess.Popen[bytes]) -> None:
    """Wait for a client whose container is gone; one that hangs, or was stopped, is killed."""
    try:
        client.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        client.kill()
        client.wait()


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
