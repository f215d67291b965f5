"""Tests that need the machine for themselves, while others run beside each other.

``make test`` runs tests in several processes (pytest-xdist). A test that is marked ::

    @pytest.mark.alone("why")

waits until the others' tests have ended, and none begins until it has: because it loads the
machine so that another's deadline could pass, or measures what another's work would change.

Tests of what there is once, the second engine, have it one after the other.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

#: What is locked: all processes of one run, and of two runs from one checkout, have them, and
#: nothing is left behind. Who waits for the machine holds the gate, so that it gets its turn.
_MACHINE = Path(__file__).parent
_GATE = Path(__file__)

#: The fixture of what there is once, and what is locked for it. (Groups of pytest-xdist 3.8 are
#: not told apart by this pytest: it gives a test's own id, not the one with the group.)
_ONCE = "faults"
_SECOND_ENGINE = Path(__file__).with_name("second_engine.py")

#: Of processes, however many processors there are: the engine starts one container at a time.
_MOST = 6


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run as many as there are processors (`-n auto`)."""
    return min(os.cpu_count() or 1, _MOST)


# Around pytest-timeout's own: a test's time does not begin before its turn.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Wait for a test's turn."""
    alone = item.get_closest_marker("alone") is not None
    once = _ONCE in getattr(item, "fixturenames", ())
    second_engine = _lock(_SECOND_ENGINE, fcntl.LOCK_EX) if once else nullcontext()
    with second_engine, _lock(_GATE, fcntl.LOCK_EX) as gate, _lock(_MACHINE, _kind(alone)):
        if not alone:
            fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)


def _kind(alone: bool) -> int:
    return fcntl.LOCK_EX if alone else fcntl.LOCK_SH


@contextmanager
def _lock(path: Path, kind: int) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # Even where a child still holds it open.
        os.close(descriptor)
