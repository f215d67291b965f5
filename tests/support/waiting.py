"""Waiting for what is outside of this process, and tells nobody."""

from __future__ import annotations

import time


def wait_until(condition, seconds: float = 30) -> None:
    """Wait for something outside of this process, looking again and again."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
