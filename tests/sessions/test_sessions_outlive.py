"""Sessions outlive the server that opened them, and belong to one server at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from lab_server import LabServer, servers_in


@pytest.fixture
def servers(home: Path, image: str, containers: object) -> Iterator[Callable[..., LabServer]]:
    """Start servers: ``servers(root)``; those of one root have their own log each."""
    with servers_in(home) as start:
        yield start


def listed(server: LabServer) -> dict[str, dict[str, object]]:
    """The sessions below its root that a server tells of, by id."""
    return {session["id"]: session for session in server.sessions()}


def terminals(server: LabServer) -> list[str]:
    """The names of a server's terminals."""
    return [terminal["name"] for terminal in server.request("GET", "api/terminals")]


@pytest.mark.parametrize("ends", ["kill", "end"])
async def test_a_session_and_its_screen_are_there_again_after_the_server(
    ends, servers, repository, containers
):
    server = servers(repository.parent)
    session = server.open("bash", repository, "--norc")
    client = await server.terminal(session["terminal"])
    await client.type("echo be$((1+1))fore; cd /tmp; x=kept\r")
    await client.until("be2fore")
    await client.type("typed and not sent")
    before = await client.until("typed and not sent")

    getattr(server, ends)()
    assert [c.state for c in containers()] == ["running"]
    server.start()
    client = await server.terminal(session["terminal"])
    assert await client.until("typed and not sent") == before
    again = listed(server)[session["id"]]
    assert again == session
    await client.type("\x15echo $PWD $x\r")
    await client.until("/tmp kept")
    assert [c.id for c in containers()] == [session["container"]]
    server.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    assert containers() == []
    assert terminals(server) == []


async def test_what_ended_while_no_server_was_there_is_told_and_cleaned(
    servers, repository, containers, agentauth, engine
):
    server = servers(repository.parent)
    session = server.open("sh", repository)
    client = await server.terminal(session["terminal"])
    await client.type("echo last$((1+1))words\r")
    await client.until("last2words")
    stopped = server.open("sh", repository)
    server.kill()
    assert agentauth("stop", stopped["id"]).returncode == 0
    [container] = containers()
    engine.client.api.kill(container.id)
    server.start()
    assert terminals(server) == []
    [ended] = listed(server).values()
    assert (ended["id"], ended["state"], ended["terminal"]) == (session["id"], "exited", None)
    assert ended["exit_code"] == 137
    assert "docker kill" in str(ended["problem"])
    assert any("last2words" in line for line in ended["last_lines"])
    assert containers() == []
    server.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    assert listed(server) == {}


@pytest.mark.parametrize("same_root", [True, False])
def test_two_servers_each_have_their_own_sessions_and_the_command_sees_all(
    same_root, servers, repository, containers, agentauth
):
    first = servers(repository.parent)
    second = servers(repository.parent if same_root else repository)
    one = first.open("sh", repository)
    two = second.open("sh", repository)
    assert (list(listed(first)), list(listed(second))) == ([one["id"]], [two["id"]])
    seen = json.loads(agentauth("sessions", "--json").stdout)
    assert {one["id"], two["id"]} <= {session["id"] for session in seen}

    with pytest.raises(HTTPError) as refused:
        second.request("DELETE", f"agentauth/api/sessions/{one['id']}")
    assert refused.value.code == 404
    first.kill()
    assert list(listed(second)) == [two["id"]]
    first.start()
    assert (list(listed(first)), list(listed(second))) == ([one["id"]], [two["id"]])
    assert len(containers()) == 2


def test_what_is_not_ours_is_never_touched(servers, repository, containers, engine):
    labels = {
        "another tool's": {"com.example.session": "1"},
        "another user's": {
            "jupyter.agentauth.owner": f"{os.getuid()}:somebody-else",
            "jupyter.agentauth.session": "0123456789ab",
            "jupyter.agentauth.worktree": str(repository),
        },
    }
    made = []
    try:
        for which in labels.values():
            container = engine.client.containers.run(
                "jupyter-agentauth:latest", ["sleep", "600"], labels=which, detach=True, init=True
            )
            made.append(container)
        server = servers(repository.parent)
        server.open("sh", repository)
        server.kill()
        server.start()
        [session] = listed(server)
        with pytest.raises(HTTPError) as refused:
            server.request("DELETE", "agentauth/api/sessions/0123456789ab")
        assert refused.value.code == 404
        server.request("DELETE", f"agentauth/api/sessions/{session}")
        assert containers() == []
        for container in made:
            container.reload()
            assert container.status == "running"
    finally:
        for container in made:
            container.remove(force=True)


def test_a_command_in_another_terminal_stops_a_servers_session_and_it_is_forgotten(
    servers, repository, containers, agentauth
):
    server = servers(repository.parent)
    session = server.open("sh", repository)
    assert agentauth("stop", session["id"]).returncode == 0
    assert containers() == []
    assert listed(server) == {}
    assert terminals(server) == []
    assert agentauth("stop", session["id"]).returncode == 1
