from __future__ import annotations

import pytest

from jupyter_agentauth.ending import _timestamp, how_it_ended


@pytest.mark.parametrize("code", [0, 1, 3, 130, 143])
def test_of_an_agent_that_ended_by_itself_nothing_is_said(code):
    assert how_it_ended(code, oom=False, memory="8g") is None


@pytest.mark.parametrize("code", [137, None])
def test_at_the_memory_limit_the_setting_that_raises_it_is_named(code):
    said = how_it_ended(code, oom=True, memory="64m")
    assert said is not None
    assert "64m" in said
    assert "c.AgentAuth.memory" in said


def test_a_child_that_was_killed_at_the_limit_is_told_from_the_agent():
    said = how_it_ended(3, oom=True, memory="64m")
    assert said is not None
    assert said.startswith("A program of it")
    assert how_it_ended(0, oom=True, memory="64m") is None


def test_killed_from_outside_is_said_without_blaming_the_memory_limit():
    said = how_it_ended(137, oom=False, memory="64m")
    assert said is not None
    assert "docker kill" in said
    assert "c.AgentAuth.memory" not in said


def test_an_exit_code_that_nobody_saw_is_said():
    said = how_it_ended(None, oom=False, memory="64m")
    assert said is not None
    assert "not known" in said


@pytest.mark.parametrize("zone", ["Z", "+00:00"])
def test_the_engines_time_is_given_back_to_it_to_the_nanosecond(zone):
    assert _timestamp(f"2026-11-24T17:50:10.204700646{zone}") == "1795542610.204700646"
    assert _timestamp("2026-11-24T19:50:10+02:00") == "1795542610.0"
