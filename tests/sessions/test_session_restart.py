"""Restarting sessions: a new one in the place of one that runs or has ended."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from urllib.error import HTTPError

import pytest
from event_subscriber import Subscriber
from lab_server import LabServer

from jupyter_agentauth.session_records import facts_dir

#: Shows what it was started with.
SHOWS = ("-c", 'echo "args:$*:$(pwd):"; read line; exit 3', "sh", "one", "two words")


async def test_a_running_session_is_started_anew_with_what_it_was_started_with(
    sessions, open_session, api, terminal, repository, containers, jp_fetch
):
    below = repository.parent / "a" / "below"
    below.mkdir()
    old = await open_session("bash", below, *SHOWS, profile="work")
    reply = await api("POST", f"sessions/{old['id']}/restart")
    assert reply.status == 201, reply.json
    new = reply.json
    same = ("agent", "worktree", "profile", "share_auth", "state")
    assert [new[key] for key in same] == [old[key] for key in same]
    assert new["id"] != old["id"]
    client = await terminal(new["terminal"])
    shown = f"args:one two words:{below}:"  # Which is longer than a line.
    await client.until(lambda screen: shown in screen.replace("\n", ""))
    assert [s["id"] for s in await sessions()] == [new["id"]]
    assert [c.id for c in containers()] == [new["container"]]
    named = [t["name"] for t in json.loads((await jp_fetch("api", "terminals")).body)]
    assert named == [new["terminal"]]
    again = await api("POST", f"sessions/{old['id']}/restart")
    assert (again.status, again.json["reason"]) == (404, "session_not_found")


async def test_an_ended_session_is_started_anew_and_both_are_told_of(
    sessions, open_session, api, terminal, repository, jp_ws_fetch
):
    subscriber = Subscriber(await jp_ws_fetch("api", "events", "subscribe"))
    old = await open_session("bash", repository, *SHOWS)
    client = await terminal(old["terminal"])
    await client.until("args:one")
    await client.type("\r")
    await subscriber.until_states(old["id"], "starting", "running", "exited")
    new = (await api("POST", f"sessions/{old['id']}/restart")).json
    assert [(s["id"], s["state"]) for s in await sessions()] == [(new["id"], "running")]
    await subscriber.until_states(old["id"], "starting", "running", "exited", "stopped")
    await subscriber.until(lambda: "running" in subscriber.states(new["id"]))
    once_more = await api("POST", f"sessions/{new['id']}/restart")
    assert once_more.status == 201


async def test_two_restarts_at_once_start_one_session(sessions, open_session, api, repository):
    old = await open_session("sh", repository)
    path = f"sessions/{old['id']}/restart"
    replies = await asyncio.gather(*(api("POST", path) for _ in range(2)))
    assert sorted(reply.status for reply in replies) == [201, 409]
    [refused] = [reply.json for reply in replies if reply.status == 409]
    assert refused["reason"] == "session_restarting"
    assert len(await sessions()) == 1


async def test_sharing_is_again_what_was_asked_for_and_else_the_present_preference(
    open_session, api, repository
):
    followed = await open_session("codex", repository)
    asked = await open_session("codex", repository, share_auth=False)
    assert (await api("PATCH", "settings", {"share_auth": True})).status == 200
    shared = []
    for old in (followed, asked):
        new = (await api("POST", f"sessions/{old['id']}/restart")).json
        shared.append((old["share_auth"], new["share_auth"]))
    assert shared == [(False, True), (False, False)]


async def test_what_cannot_be_started_again_leaves_the_old_session_running(
    sessions, open_session, api, repository, jp_serverapp
):
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    old = await open_session("sh", repository)
    service.config.image = "no-such:image"
    reply = await api("POST", f"sessions/{old['id']}/restart")
    assert (reply.status, reply.json["reason"]) == (503, "image_missing")
    assert [(s["id"], s["state"]) for s in await sessions()] == [(old["id"], "running")]


async def test_what_a_command_started_is_refused(
    sessions, api, repository, agentauth, image, containers
):
    from conformance_terminal import Terminal

    with Terminal([*agentauth.argv, "run", "sh", "--worktree", str(repository)]) as shell:
        shell.type("echo th$((1+1))ere\r")
        await asyncio.to_thread(shell.until, "th2ere")
        [listed] = await sessions()
        reply = await api("POST", f"sessions/{listed['id']}/restart")
        assert (reply.status, reply.json["reason"]) == (409, "restart_unknown")
        assert [c.id for c in containers()] == [listed["container"]]


def test_after_a_killed_server_what_ran_and_what_ended_can_be_restarted(
    home: Path, image: str, containers, engine, repository
):
    server = LabServer(repository.parent, home / "server.log", app="server")
    server.start()
    try:
        ended, runs = (server.open("sh", repository, "-c", f"sleep {n}000") for n in (1, 2))
        server.kill()
        engine.client.api.kill(ended["container"])
        server.start()
        new = [
            server.request("POST", f"agentauth/api/sessions/{old['id']}/restart")
            for old in (ended, runs)
        ]
        commands = [engine.client.containers.get(s["container"]).attrs["Args"] for s in new]
        assert ["sleep 1000" in str(commands[0]), "sleep 2000" in str(commands[1])] == [True, True]
        listed = server.request("GET", "agentauth/api/sessions")
        mine = [s["id"] for s in listed if s["worktree"].startswith(str(home))]
        assert mine == [s["id"] for s in new]
        assert "sleep 1000" not in json.dumps([*new, *listed])
        for session in mine:
            server.request("DELETE", f"agentauth/api/sessions/{session}")
        with pytest.raises(HTTPError) as refused:
            server.request("POST", f"agentauth/api/sessions/{mine[0]}/restart")
        assert refused.value.code == 404
    finally:
        server.kill()


async def test_arguments_are_kept_for_their_user_alone_and_go_with_the_session(
    open_session, api, repository
):
    session = await open_session("sh", repository, "-c", "sleep 1000 # private-words")
    record = facts_dir() / f"{session['id']}.json"
    assert "private-words" in record.read_text()
    assert record.stat().st_mode & 0o777 == 0o600
    assert os.stat(record.parent).st_mode & 0o077 == 0
    assert "private-words" not in json.dumps((await api("GET", "sessions")).json)
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    assert not record.exists()
