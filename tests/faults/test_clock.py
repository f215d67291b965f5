"""The clock jumps: a day ahead, and a day back."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

import pytest
from conformance_bench import configure
from fault_claims import launches_and_stops, start
from faulty_places import SIGN_IN, sign_in

DAY = 86_400

#: The clock's own functions, before a test moves them.
_TIME, _TIME_NS = time.time, time.time_ns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move this process's clock, which is the server's; what runs beside it keeps its own."""

    def move(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: _TIME() + seconds)
        monkeypatch.setattr(time, "time_ns", lambda: _TIME_NS() + int(seconds * 1e9))

    return move


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_sessions_stay_listed_terminals_work_and_launches_work_when_the_clock_jumps(
    api, repository, second_engine, terminal, sessions, clock, jump
):
    session = (await start(api, repository)).json
    client = await terminal(session["terminal"])
    await client.until("$")
    clock(jump)
    assert [(s["id"], s["state"]) for s in await sessions()] == [(session["id"], "running")]
    await client.type("echo one$((1+1))three\r")
    await client.until("one2three")
    again = (await start(api, repository)).json
    other = await terminal(again["terminal"])
    await other.type("echo four$((2+3))six\r")
    await other.until("four5six")
    assert {s["id"] for s in await sessions()} == {session["id"], again["id"]}
    clock(0)  # And back again.
    assert {s["id"] for s in await sessions()} == {session["id"], again["id"]}
    for each in (session, again):
        assert (await api("DELETE", f"sessions/{each['id']}")).status == 204
    await launches_and_stops(api, repository)
    assert second_engine.all_containers() == []


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
async def test_what_another_machines_client_starts_is_left_alone_for_its_time_and_not_for_ever(
    api, agentauth, repository, second_engine, clock, jump
):
    """One of another machine's client, of which nothing but its age is known."""
    plan = json.loads(agentauth("plan", "sh", "--json", cwd=repository).stdout)
    labels = {**plan["labels"], "jupyter.agentauth.machine": "another"}
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    made = second_engine.docker("create", "--rm", *words, plan["image"], "true").strip()
    await launches_and_stops(api, repository)
    assert [c["Id"] for c in second_engine.all_containers()] == [made]
    # After its time it is nobody's, whichever way the clock went.
    clock(jump)
    await launches_and_stops(api, repository)
    assert second_engine.all_containers() == []


class TestStore:
    @pytest.fixture
    def store(self, home):
        """A store with a sign-in, and a lock that an agent left when it was killed."""
        configure(auth_dir=str(home / "store"), agents={"claude": {"command": ["sh"]}})
        self.credential = sign_in(home / "store")
        self.lock = self.credential.with_name(".claude.json.lock")
        return home / "store"

    @pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
    def test_a_lock_of_before_the_jump_does_not_stand_in_the_way_for_a_day(
        self, agentauth, repository, second_engine, store, jump
    ):
        self.lock.mkdir()
        # After a jump ahead, what was just made is a day old; after one back, a day young.
        os.utime(self.lock, (time.time() - jump,) * 2)
        words = ("--share", "--", "-c", "cat ~/.claude/.credentials.json")
        done = agentauth("run", "claude", *words, cwd=repository)
        assert (done.returncode, done.stdout) == (0, SIGN_IN)
        assert "first questions" not in done.stderr
        assert not self.lock.exists()
