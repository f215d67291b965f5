"""The engine's socket without permission, and its image removed."""

from __future__ import annotations

from functools import partial

from fault_claims import before, doctor, launches_and_stops, one_sentence, start, terminals

from jupyter_agentauth import service
from jupyter_agentauth.settings import DEFAULT_IMAGE


async def test_a_socket_without_permission_is_said_with_what_mends_it_and_then_works(
    api, repository, second_engine, agentauth, jp_fetch
):
    second_engine.lock()
    reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, "engine_no_permission")
    assert one_sentence(reply.json["message"])
    done = agentauth("run", "sh", cwd=repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == reply.json["message"] + "\n"
    [found] = [c for c in (await api("GET", "doctor")).json if c["check"] == "engine"]
    assert (found["level"], found["message"]) == ("problem", reply.json["message"])
    assert "usermod" in found["mend"]
    agents = (await api("GET", "agents")).json
    assert {(a["reason"], a["mend"]) for a in agents} == {("engine_no_permission", found["mend"])}
    assert (await api("GET", "sessions")).json["reason"] == "engine_no_permission"
    assert (await api("GET", "worktrees")).status == 200
    assert await terminals(jp_fetch) == []

    second_engine.unlock()
    await launches_and_stops(api, repository)
    assert second_engine.all_containers() == []


async def test_permission_lost_during_a_launch_is_said_and_leaves_nothing(
    api, repository, second_engine, jp_fetch, monkeypatch, sessions
):
    with before(monkeypatch, service, "prepare", second_engine.lock):
        reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, "engine_no_permission")
    assert one_sentence(reply.json["message"])
    assert await terminals(jp_fetch) == []

    second_engine.unlock()
    assert await sessions() == []
    assert second_engine.all_containers() == []
    await launches_and_stops(api, repository)


async def test_an_image_that_was_removed_after_it_was_seen_is_said_and_then_works_again(
    api, repository, second_engine, agentauth, jp_fetch
):
    await launches_and_stops(api, repository)
    second_engine.docker("rmi", DEFAULT_IMAGE)
    reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, "image_missing")
    assert one_sentence(reply.json["message"])
    assert "jupyter agentauth image build" in reply.json["message"]
    done = agentauth("run", "sh", cwd=repository)
    assert (done.returncode, done.stderr) == (1, reply.json["message"] + "\n")
    assert (await doctor(api, "image"))[0] == "problem"
    assert (await api("GET", "image")).json["present"] is False
    assert not any(agent["image_ok"] for agent in (await api("GET", "agents")).json)
    assert await terminals(jp_fetch) == []

    second_engine.load_image()
    await launches_and_stops(api, repository)
    assert (await api("GET", "image")).json["present"] is True
    assert second_engine.all_containers() == []


async def test_an_image_that_is_removed_during_a_launch_is_said_and_leaves_nothing(
    api, repository, second_engine, agentauth, jp_fetch, monkeypatch, sessions
):
    remove = partial(second_engine.docker, "rmi", DEFAULT_IMAGE)
    with before(monkeypatch, service, "prepare", remove):
        reply = await start(api, repository)
    assert (reply.status, reply.json["reason"]) == (503, "image_missing")
    assert one_sentence(reply.json["message"])
    assert DEFAULT_IMAGE in reply.json["message"]
    assert await terminals(jp_fetch) == []
    assert await sessions() == []
    assert second_engine.all_containers() == []

    second_engine.load_image()
    await launches_and_stops(api, repository)


async def test_a_session_runs_on_without_its_image(api, repository, second_engine, terminal):
    reply = await start(api, repository)
    second_engine.docker("rmi", "--force", DEFAULT_IMAGE)
    client = await terminal(reply.json["terminal"])
    await client.type("echo one$((1+1))three\r")
    await client.until("one2three")
    assert (await api("DELETE", f"sessions/{reply.json['id']}")).status == 204
