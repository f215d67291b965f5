"""Which ends were the memory limit's, from the engine's events alone."""

from __future__ import annotations

import pytest

from jupyter_agentauth.engine_events import MemoryLimit

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("events", "ended"),
    [
        ([("oom", None, 0), ("die", 137, 1)], True),
        ([("die", 137, 0), ("oom", None, 1)], True),
        ([("oom", None, 0), ("die", 1, 1)], False),
        ([("oom", None, 0), ("die", 137, 60)], False),
        ([("oom", None, 0), ("kill", None, 1), ("die", 137, 1)], False),
        ([("oom", None, 0), ("oom", None, 60), ("die", 137, 61)], True),
        ([("kill", None, 0), ("die", 137, 1)], False),
    ],
    ids=[
        "its process", "told late", "a child, and it gave up", "a child, long ago",
        "a child, then somebody's kill", "the second time", "somebody's kill",
    ],
)  # fmt: skip
def test_a_session_was_ended_by_its_memory_limit(events, ended):
    limit = MemoryLimit()
    for action, code, at in events:
        limit.see("s", action, code, at * SECOND)
        limit.see("another", "die" if action == "die" else "pause", code, at * SECOND)
    assert ("s" in limit) is ended
    assert "another" not in limit


def test_only_the_last_sessions_are_remembered():
    limit = MemoryLimit()
    for number in range(1000):
        limit.see(str(number), "oom", None, 0)
        limit.see(str(number), "die", 137, 0)
    assert "999" in limit
    assert sum(str(number) in limit for number in range(1000)) == 200
