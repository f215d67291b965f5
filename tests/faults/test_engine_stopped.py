"""The engine is stopped before, during and after a launch, and comes back."""

from __future__ import annotations

import asyncio
import threading

import pytest
from fault_claims import before, doctor, launches_and_stops, one_sentence, start, terminals

from jupyter_agentauth import service
from jupyter_agentauth.engine import Engine

#: docker 7.2.0 leaves a socket to the garbage collector when nobody listens.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

NOT_RUNNING = "engine_not_running"


@pytest.mark.parametrize("known", [True, False], ids=["seen", "never seen"])
async def test_stopped_before_a_launch_it_is_one_sentence_everywhere_and_then_works_again(
    api, repository, second_engine, agentauth, jp_fetch, known
):
    if known:
        await launches_and_stops(api, repository)
    second_engine.stop()
    reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, NOT_RUNNING)
    assert one_sentence(reply.json["message"])
    assert "start it" in reply.json["message"]
    done = agentauth("run", "sh", cwd=repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == reply.json["message"] + "\n"
    assert await doctor(api, "engine") == ("problem", reply.json["message"])
    assert await terminals(jp_fetch) == []

    second_engine.start()
    await launches_and_stops(api, repository)
    assert (await doctor(api, "engine"))[0] == "ok"
    assert second_engine.all_containers() == []


@pytest.mark.parametrize("step", ["wait_for_container", "prepare"])
@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_stopped_during_a_launch_it_leaves_nothing_and_the_next_try_works(
    api, repository, second_engine, jp_fetch, monkeypatch, sessions, way, step
):
    owner, name = (Engine, step) if step == "wait_for_container" else (service, step)
    with before(monkeypatch, owner, name, getattr(second_engine, way)):
        reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, NOT_RUNNING)
    assert one_sentence(reply.json["message"])
    assert await terminals(jp_fetch) == []

    second_engine.start()
    assert await sessions() == []
    assert second_engine.all_containers() == []
    await launches_and_stops(api, repository)
    assert await sessions() == []


@pytest.mark.parametrize("way", ["stop", "kill"])
async def test_stopped_while_a_session_runs_all_answers_are_sensible_and_the_next_launch_works(
    api, repository, second_engine, jp_fetch, agentauth, way
):
    # It ends by SIGTERM, for which an engine waits 10 s.
    session = (await start(api, repository, args=["-c", "exec sleep 1000"])).json
    getattr(second_engine, way)()

    reply = await api("GET", "sessions")
    assert (reply.status, reply.json["reason"]) == (503, NOT_RUNNING)
    assert one_sentence(reply.json["message"])
    reply = await api("DELETE", f"sessions/{session['id']}")
    assert (reply.status, reply.json["reason"]) == (503, NOT_RUNNING)
    assert (await api("GET", "worktrees")).status == 200
    agents = (await api("GET", "agents")).json
    assert all(one_sentence(agent["problem"]) and not agent["image_ok"] for agent in agents)
    assert {(a["reason"], a["mend"]) for a in agents} == {
        (NOT_RUNNING, "sudo systemctl start docker")
    }
    assert (await api("GET", "settings")).status == 200
    reply = await api("GET", "image")
    assert (reply.status, reply.json["reason"]) == (503, NOT_RUNNING)
    for words in (("sessions",), ("stop", session["id"]), ("stop", "--all"), ("image", "status")):
        done = agentauth(*words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert one_sentence(done.stderr.strip()), words

    second_engine.start()
    await launches_and_stops(api, repository)
    # An engine that comes back ends what it finds (no live-restore), and `--rm` removes it.
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    assert await terminals(jp_fetch) == []
    assert second_engine.all_containers() == []


async def test_while_the_engine_restarts_a_hundred_requests_are_answered(
    api, repository, second_engine
):
    """No connection of the pool is used that the old engine closed."""
    restarted = threading.Event()

    def restart() -> None:
        second_engine.kill()
        second_engine.start()
        restarted.set()

    await api("GET", "sessions")
    thread = threading.Thread(target=restart)
    thread.start()
    answers = []
    while not restarted.is_set() or len(answers) < 100:
        answers += await asyncio.gather(*(api("GET", "sessions") for _ in range(8)))
    thread.join()
    assert {a.status for a in answers} <= {200, 503}
    assert {a.json["reason"] for a in answers if a.status == 503} <= {NOT_RUNNING}
    assert (await api("GET", "sessions")).status == 200
