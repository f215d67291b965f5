"""Tests that need the machine for themselves, while others run beside each other.

``make test`` runs tests in several processes (pytest-xdist). A test that is marked ::

    @pytest.mark.alone("why")

waits until the others' tests have ended, and none begins until it has: because it loads the
machine so that another's deadline could pass, or measures what another's work would change.

What there is once, all its tests have in one process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: What is locked: all processes of one run, and of two runs from one checkout, have them, and
#: nothing is left behind. Who waits for the machine holds the gate, so that it gets its turn.
_MACHINE = Path(__file__).parent
_GATE = Path(__file__)

#: Fixtures of what there is once: the second engine, which tests stop, and networks of our own.
#: Docker 20.10.24 came to a standstill when containers on several of those ended at once.
_ONCE = ("faults", "walled_network")

#: Of processes, however many processors there are: the engine starts one container at a time.
_MOST = 6


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run as many as there are processors (`-n auto`)."""
    return min(os.cpu_count() or 1, _MOST)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests of what there is once to one process."""
    for item in items:
        for fixture in _ONCE:
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(fixture))


# Around pytest-timeout's own: a test's time does not begin before its turn.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Wait for a test's turn."""
    alone = item.get_closest_marker("alone") is not None
    with _lock(_GATE, fcntl.LOCK_EX) as gate, _lock(_MACHINE, _kind(alone)):
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
