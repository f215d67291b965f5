"""What a session of the server is, whoever tells of it first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from planning import plan

from jupyter_agentauth.engine import RunningContainer
from jupyter_agentauth.live_session import LiveSession
from jupyter_agentauth.session import planned_session


@pytest.mark.parametrize(("listed", "state"), [("created", "running"), ("paused", "paused")])
def test_a_list_that_was_read_before_its_start_does_not_have_it_start_again(listed, state):
    told: list[tuple[str, str]] = []
    owner: Any = SimpleNamespace(changed=lambda *change: told.append(change))
    running = replace(planned_session(plan("bash")), state="running", container="c1")
    live = LiveSession(owner, running, record=SimpleNamespace())  # type: ignore[arg-type]
    live.terminal = SimpleNamespace()  # type: ignore[assignment]
    container = RunningContainer("c1", {"session": running.id}, listed, 0.0)
    asyncio.run(live.follow(container))
    assert live.session.state == state
    assert told == ([] if state == "running" else [(running.id, "paused")])
