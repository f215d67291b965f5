"""The `docker run` client of a session is stopped (SIGSTOP) or killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from fault_claims import launches_and_stops, start, terminals
from waiting import wait_until

#: Seconds; an agent has 5 to write what it holds, see `engine`.
BOUND = 30


@pytest.mark.parametrize("what", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
async def test_a_session_whose_client_hangs_or_is_gone_can_be_stopped_and_the_next_try_works(
    api, repository, second_engine, jp_serverapp, jp_fetch, sessions, what
):
    session = (await start(api, repository)).json
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    client = manager.terminals[session["terminal"]].ptyproc.pid
    os.kill(client, what)

    [listed] = await sessions()
    assert listed["state"] == "running"
    begun = time.monotonic()
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    assert time.monotonic() - begun < BOUND
    assert second_engine.all_containers() == []
    assert await terminals(jp_fetch) == []
    wait_until(lambda: _ended(client))
    assert await sessions() == []
    await launches_and_stops(api, repository)


@pytest.mark.parametrize("what", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
async def test_a_client_that_hangs_or_is_killed_before_it_made_its_container_ends_in_a_sentence(
    api, repository, second_engine, jp_fetch, sessions, monkeypatch, home, jp_serverapp, what
):
    name = signal.Signals(what).name.removeprefix("SIG")
    client = home / "docker-client"
    client.write_text(f"#!/bin/sh\nkill -{name} $$\n")
    client.chmod(0o755)
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    wait = service.engine.wait_for_container
    monkeypatch.setattr(
        service.engine, "wait_for_container", lambda *known: wait(*known, seconds=3)
    )
    with monkeypatch.context() as patch:
        patch.setattr(service.config, "docker_command", [str(client)])
        reply = await start(api, repository)
    # A client that said nothing and made nothing is an agent that ended at once, with its code.
    if what == signal.SIGSTOP:
        assert (reply.status, reply.json["reason"]) == (503, "launch_timeout")
    else:
        assert reply.status in (201, 503)
    assert await terminals(jp_fetch) == []
    assert second_engine.all_containers() == []
    assert [s["state"] for s in await sessions() if s["state"] != "exited"] == []
    await launches_and_stops(api, repository)


@pytest.fixture
def running(agentauth, repository, second_engine):
    """``jupyter agentauth run`` in another terminal, its client, and its session."""
    run = [*agentauth.argv, "run", "sh", "--", "-c", "exec sleep 1000"]
    process = subprocess.Popen(run, cwd=repository, stdin=subprocess.DEVNULL)
    wait_until(lambda: [c for c in second_engine.containers() if c.state == "running"])
    [container] = second_engine.containers()
    yield process, _client_of(process.pid), container.labels["session"]
    process.kill()
    process.wait()


def works_again(agentauth, repository) -> bool:
    return agentauth("run", "sh", "--", "-c", "exit 0", cwd=repository).returncode == 0


def test_a_command_whose_client_hangs_can_be_stopped_from_another_terminal(
    agentauth, repository, second_engine, running
):
    process, client, session = running
    os.kill(client, signal.SIGSTOP)
    begun = time.monotonic()
    assert agentauth("stop", session).returncode == 0
    assert time.monotonic() - begun < BOUND
    assert second_engine.all_containers() == []
    os.kill(client, signal.SIGCONT)
    assert process.wait(timeout=60) != 0
    assert works_again(agentauth, repository)


def test_a_command_whose_client_hangs_ends_with_its_terminal_and_so_does_its_container(
    agentauth, repository, second_engine, running
):
    process, client, _ = running
    os.kill(client, signal.SIGSTOP)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=BOUND) == 128 + signal.SIGHUP
    assert _ended(client)
    assert second_engine.all_containers() == []
    assert works_again(agentauth, repository)


def test_a_command_whose_client_is_killed_leaves_no_container(
    agentauth, repository, second_engine, running
):
    process, client, _ = running
    os.kill(client, signal.SIGKILL)
    assert process.wait(timeout=BOUND) == 128 + signal.SIGKILL
    assert second_engine.all_containers() == []
    assert works_again(agentauth, repository)


def _client_of(command: int) -> int:
    with open(f"/proc/{command}/task/{command}/children") as children:
        return int(children.read().split()[0])


def _ended(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
