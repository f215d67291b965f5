"""Sessions in Jupyter terminals: opened by REST, seen over the terminal websocket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable

import pytest
from command_line import git
from onboarding import onboard_claude
from waiting import DEADLINE

#: Where Claude Code 2.1.330 takes a line.
PROMPT = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"


async def until(there: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Wait for something that the server does by itself."""
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_an_agents_screen_arrives_and_git_works_beside_it(open_session, terminal, repository):
    worktree = repository.parent / "a"
    onboard_claude(worktree)
    session = await open_session("claude", worktree, share_auth=True)
    client = await terminal(session["terminal"])
    await client.until(lambda screen: "Claude Code" in screen and PROMPT in screen)
    await client.type("a line that is not sent")
    await client.until("a line that is not sent")

    shell = await terminal((await open_session("sh", worktree))["terminal"])
    await shell.type("git status --short --branch; git commit -q --allow-empty -m inside; ")
    await shell.type("git log -1 --format='%s done'\r")
    await shell.until("inside done")
    assert git(worktree, "log", "-1", "--format=%s").strip() == "inside"


async def test_a_session_has_the_contracts_form_and_is_listed_with_its_worktree(
    sessions, open_session, api, repository, containers
):
    session = await open_session("sh", repository.parent / "b", share_auth=True)
    assert session["container"] == containers()[0].id
    assert len(session["container"]) == 64
    assert session["state"] == "running"
    assert session["exit_code"] is None
    assert session["share_auth"] is False  # Unknown to the table, so nothing is shared.
    assert any("c.AgentAuth.agents" in warning for warning in session["warnings"])
    assert await sessions() == [(await api("GET", f"sessions/{session['id']}")).json]
    worktrees = {w["path"]: w for w in (await api("GET", "worktrees")).json}
    assert worktrees[str(repository.parent / "b")]["sessions"] == [session["id"]]


async def test_stopping_ends_container_and_terminal_and_again_is_fine(
    sessions, open_session, api, jp_fetch, repository, containers
):
    session = await open_session("sh", repository)
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    assert containers() == []
    assert json.loads((await jp_fetch("api", "terminals")).body) == []
    assert await sessions() == []
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    assert (await api("DELETE", "sessions/never")).status == 404


async def test_a_killed_docker_client_is_replaced_and_nobody_at_the_terminal_notices(
    sessions, open_session, jp_serverapp, terminal, repository, containers
):
    session = await open_session("bash", repository, "--norc")
    client = await terminal(session["terminal"])
    await client.type("echo be$((1+1))fore\r")
    await client.until("be2fore")
    shown = jp_serverapp.web_app.settings["terminal_manager"].terminals[session["terminal"]]
    killed = shown.ptyproc.pid
    os.kill(killed, signal.SIGKILL)
    await until(lambda: shown.ptyproc.pid != killed)
    await client.type("echo af$((1+1))ter\r")
    screen = await client.until("af2ter")
    assert "be2fore" in screen
    [listed] = await sessions()
    assert (listed["state"], listed["terminal"]) == ("running", session["terminal"])
    assert [c.id for c in containers()] == [session["container"]]


async def test_an_agent_that_ends_by_itself_is_listed_with_its_exit_status(
    sessions, open_session, api, terminal, repository, containers
):
    session = await open_session("sh", repository)
    client = await terminal(session["terminal"])
    await client.type("exit 7\r")
    await client.until_closed()
    [listed] = await sessions()
    assert (listed["state"], listed["exit_code"]) == ("exited", 7)
    assert containers() == []


async def test_keys_that_docker_would_keep_reach_the_agent(open_session, terminal, repository):
    session = await open_session("sh", repository, "-c", "stty raw -echo; od -An -tx1 -N2 -v")
    client = await terminal(session["terminal"])
    await client.type("\x10\x11")  # Ctrl-P Ctrl-Q, Docker's own detach keys.
    await client.until("10 11")


async def test_two_clients_see_the_same_terminal(open_session, terminal, repository):
    session = await open_session("sh", repository)
    first, second = [await terminal(session["terminal"]) for _ in range(2)]
    await first.type("echo one$((1+1))three\r")
    await first.until("one2three")
    await second.until("one2three")


async def test_a_session_goes_on_after_the_server_and_the_next_server_can_stop_it(
    open_session, jp_serverapp, repository, containers, agentauth
):
    session = await open_session("sh", repository)
    await jp_serverapp.web_app.settings["terminal_manager"].terminate_all()
    listed = json.loads(agentauth("sessions", "--json").stdout)
    mine = [s for s in listed if s["id"] == session["id"]]
    assert [(s["terminal"], s["state"], s["worktree"]) for s in mine] == [
        (None, "running", str(repository))
    ]
    assert agentauth("stop", session["id"]).returncode == 0
    assert containers() == []


async def test_a_command_that_the_image_lacks_is_refused_before_anything_starts(
    api, containers, image, repository
):
    reply = await api("POST", "sessions", {"agent": "cluade", "worktree": str(repository)})
    assert (reply.status, reply.json["reason"]) == (404, "command_not_in_image")
    assert "claude" in reply.json["message"]
    assert containers() == []


async def test_a_launch_that_the_engine_refuses_is_one_sentence_and_leaves_nothing(
    sessions, api, containers, image, repository, jp_serverapp
):
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    service.config.network = "no-such-network"
    reply = await api("POST", "sessions", {"agent": "sh", "worktree": str(repository)})
    assert (reply.status, reply.json["reason"]) == (503, "launch_failed")
    assert "no-such-network" in reply.json["message"]
    assert containers() == []
    assert await sessions() == []


class TestWithoutTerminals:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["terminals_enabled"] = False
        return jp_server_config

    async def test_opening_says_so_in_one_sentence(self, api, home, image, repository, containers):
        reply = await api("POST", "sessions", {"agent": "sh", "worktree": str(repository)})
        assert (reply.status, reply.json["reason"]) == (503, "terminals_disabled")
        assert containers() == []
        doctor = {c["check"]: c["level"] for c in (await api("GET", "doctor")).json}
        assert doctor["terminals"] == "problem"


async def test_a_launch_that_breaks_off_in_the_middle_leaves_nothing(
    sessions, api, containers, image, repository, jp_serverapp, jp_fetch, monkeypatch
):
    from jupyter_agentauth.errors import EngineError

    engine = jp_serverapp.web_app.settings["agentauth_sessions"].service.engine
    wait = engine.wait_for_container

    def lose_the_engine(*arguments: object) -> None:
        wait(*arguments)
        raise EngineError("The container engine does not run.", "engine_not_running")

    monkeypatch.setattr(engine, "wait_for_container", lose_the_engine)
    reply = await api("POST", "sessions", {"agent": "sh", "worktree": str(repository)})
    assert (reply.status, reply.json["reason"]) == (503, "engine_not_running")
    assert containers() == []
    assert json.loads((await jp_fetch("api", "terminals")).body) == []
    assert await sessions() == []


async def test_a_session_that_is_stopped_while_it_is_opened_says_so_and_leaves_nothing(
    sessions, api, containers, image, repository, jp_serverapp, monkeypatch
):
    manager = jp_serverapp.web_app.settings["agentauth_sessions"]
    engine, loop = manager.service.engine, asyncio.get_running_loop()
    wait = engine.wait_for_container

    def stopped_meanwhile(uid: int, session: str, alive: object) -> object:
        found = wait(uid, session, alive)
        asyncio.run_coroutine_threadsafe(manager.stop(session), loop).result(60)
        return found

    monkeypatch.setattr(engine, "wait_for_container", stopped_meanwhile)
    reply = await api("POST", "sessions", {"agent": "sh", "worktree": str(repository)})
    assert (reply.status, reply.json["reason"]) == (409, "session_stopped")
    assert containers() == []
    assert await sessions() == []


async def test_shutting_down_its_terminal_in_jupyter_stops_the_session(
    sessions, open_session, jp_fetch, repository, containers
):
    session = await open_session("sh", repository)
    reply = await jp_fetch("api", "terminals", session["terminal"], method="DELETE")
    assert reply.code == 204
    assert containers() == []
    assert await sessions() == []
    assert json.loads((await jp_fetch("api", "terminals")).body) == []
