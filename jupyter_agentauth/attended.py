"""Run ``docker run`` in the user's own terminal, and never leave its container behind.

The engine's client leaves the container running when it is killed or hung up on. So we
stay its parent: when the terminal closes, the container is stopped.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from types import FrameType

from .errors import EngineError

#: What a closing terminal, a shutdown or a service manager sends.
_ENDINGS = (signal.SIGHUP, signal.SIGTERM)


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
            return code if code >= 0 else 128 - code
        except _Ended as ended:
            for number in _ENDINGS:
                signal.signal(number, signal.SIG_IGN)
            try:
                stop()
            except EngineError:
                client.terminate()
            client.wait()
            return 128 + ended.number
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _default_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
