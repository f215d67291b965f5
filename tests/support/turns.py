"""Which tests run beside each other, and which wait for their turn.

Tests wait for containers far more than they compute, so ``make test`` runs them in more
processes (pytest-xdist) than there are processors. Three kinds are kept apart:

- Tests in the page run in two lanes and those of the second engine in a third: each lane has a
  process, which runs them one after the other and keeps what they share (the browser, the engine).
- A test that is marked ``@pytest.mark.alone("why")`` waits until the others' tests have ended, and
  none begins until it has: it loads the machine so that another's deadline could pass, or
  measures what another's work would change.
- All others are taken by whatever process is free, those that wait longest first.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from jupyter_agentauth.known_agents import BUILT_IN

#: What is locked: all processes of one run, and of two runs from one checkout, have them, and
#: nothing is left behind. Who waits for the machine holds the gate, so that it gets its turn.
_MACHINE = Path(__file__).parent
_GATE = Path(__file__)

#: The fixture of what there is once, and what is locked for it outside of its lane.
_ONCE = "faults"
_SECOND_ENGINE = Path(__file__).with_name("second_engine.py")

#: Processes for each processor, and at most: the engine starts one container at a time.
_PER_PROCESSOR, _MOST = 3, 8

#: The directory of the page's tests, and the modules of the one of its two lanes; they take about
#: as long as all others.
_PAGE = "tests/lab/test_"
_FIRST_LANE = ("agent_panel", "notebook", "notebook_7", "image", "journeys")

_FAULTS = "tests/faults/"

#: Those in which a module's tests share a server, see `shared_by_module.py`: one process runs those
#: of one agent.
_SHARED = ("tests/kernel/", "tests/runs/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run more than there are processors (`-n auto`)."""
    return min((os.cpu_count() or 1) * _PER_PROCESSOR, _MOST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand lanes to one process each, and everything else out one by one."""
    from xdist.scheduler import LoadScopeScheduling

    class Lanes(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    config.option.loadscopereorder = True  # The largest first, which are the lanes.
    return Lanes(config, log)


def unit(nodeid: str) -> str:
    """Return what a test belongs to that one process runs, one test after the other."""
    if nodeid.startswith(_FAULTS):
        return _FAULTS
    if nodeid.startswith(_PAGE):
        module = nodeid.removeprefix(_PAGE).partition(".py")[0]
        return f"{_PAGE} {module in _FIRST_LANE}"
    if nodeid.startswith(_SHARED):
        return f"{nodeid.partition('::')[0]} {_agent(nodeid)}"
    return nodeid


def _agent(nodeid: str) -> str:
    """Return the agent in a test's parameters; empty if there is none."""
    words = re.split(r"[\[\]-]", nodeid.partition("[")[2])
    return next((word for word in words if word in BUILT_IN), "")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have a module's tests of one agent in a row, where they share its server."""
    modules = list(dict.fromkeys(item.path for item in items))
    items.sort(
        key=lambda item: (
            modules.index(item.path),
            _agent(item.nodeid) if item.nodeid.startswith(_SHARED) else "",
        )
    )


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
