"""Waiting for what is outside of this process, and tells nobody."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds after which what is waited for is given up, in all tests. No patience: whoever waits goes
#: on as soon as it is there, or as soon as it cannot come any more. On two processors that
#: did the work of eight, a first screen took 30 s (seen).
DEADLINE = 120.0


def wait_until(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait for something, looking again and again."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
