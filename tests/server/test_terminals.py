"""Terminals of agents beside ordinary ones: names, sizes, reconnects, ends, idle cullers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError


@pytest.fixture
def post_terminal(jp_fetch: Any) -> Any:
    """Ask for a terminal as JupyterLab does: the status, and the reply."""

    async def post(**body: object) -> tuple[int, dict[str, Any]]:
        reply = await jp_fetch(
            "api", "terminals", method="POST", body=json.dumps(body), raise_error=False
        )
        return reply.code, json.loads(reply.body)

    return post


@pytest.fixture
def names(jp_fetch: Any) -> Any:
    """The names of all terminals."""

    async def listed() -> list[str]:
        return [t["name"] for t in json.loads((await jp_fetch("api", "terminals")).body)]

    return listed


async def test_no_shell_of_the_host_is_ever_opened_under_a_name_of_ours(
    post_terminal, names, open_session, api, terminal, repository
):
    running, stopped, exited = [await open_session("sh", repository) for _ in range(3)]
    await api("DELETE", f"sessions/{stopped['id']}")
    client = await terminal(exited["terminal"])
    await client.type("exit\r")
    await client.until_closed()
    for name in [running, stopped, exited, {"terminal": "agentauth_000000000000"}]:
        for more in ({}, {"cwd": "/"}, {"shell_command": ["sh"]}, {"agent_terminal": True}):
            status, reply = await post_terminal(name=name["terminal"], **more)
            assert status == 403
            assert "agentauth/api/sessions" in reply["message"]
    assert await names() == [running["terminal"]]
    for gone in (stopped, exited):
        with pytest.raises(HTTPClientError) as refused:
            await terminal(gone["terminal"])
        assert refused.value.code == 404
    # The one that runs was not replaced: it still answers from its container.
    client = await terminal(running["terminal"])
    await client.type("hostname\r")
    await client.until("agentauth\n")


async def test_ordinary_terminals_are_as_they_always_were(
    post_terminal, names, terminal, jp_fetch, open_session, repository
):
    session = await open_session("sh", repository)
    assert [(await post_terminal())[0], (await post_terminal(name="mine"))[0]] == [200, 200]
    assert await names() == [session["terminal"], "1", "mine"]
    client = await terminal("mine")
    await client.type("echo host$((1+1))shell\r")
    await client.until("host2shell")
    await jp_fetch("api", "terminals", "mine", method="DELETE")
    assert await names() == [session["terminal"], "1"]


async def test_what_is_typed_after_the_agents_end_reaches_nothing(
    open_session, terminal, repository, names
):
    session = await open_session("sh", repository)
    client = await terminal(session["terminal"])
    await client.type(f"exit\rtouch {repository}/typed\r")
    await client.until_closed()
    assert await names() == []
    assert not (repository / "typed").exists()


@pytest.mark.parametrize(("rows", "columns"), [(24, 80), (32, 100), (7, 43)])
async def test_an_agent_finds_the_size_of_the_browser_when_it_starts(
    rows, columns, open_session, terminal, repository
):
    # Its first line is what it finds then; it is never told of a change.
    session = await open_session("sh", repository, "-c", "stty size; sleep 600")
    client = await terminal(session["terminal"], rows=rows, columns=columns)
    assert (await client.until(lambda screen: screen.strip() != "")).split() == [
        str(rows),
        str(columns),
    ]


async def test_an_agent_that_nobody_looks_at_starts_all_the_same(open_session, repository):
    where = repository / "size"
    await open_session("sh", repository, "-c", f"stty size > {where}; sleep 600")
    for _ in range(600):
        if where.exists() and where.read_text():
            break
        await asyncio.sleep(0.1)
    assert where.read_text().split() == ["24", "80"]


async def test_the_smaller_of_two_clients_gives_the_size_until_it_leaves(
    open_session, terminal, repository
):
    show = "trap 'stty size' WINCH; stty size; while :; do sleep 0.1; done"
    session = await open_session("sh", repository, "-c", show)
    first = await terminal(session["terminal"], rows=30, columns=100)
    await first.until("30 100")
    second = await terminal(session["terminal"], rows=20, columns=70)
    await first.until("20 70")
    second.close()
    await first.until(lambda screen: screen.split()[-2:] == ["30", "100"])


async def test_a_reconnect_gets_the_screen_in_few_bytes_however_much_was_printed(
    open_session, terminal, repository
):
    session = await open_session("bash", repository, "--norc")
    client = await terminal(session["terminal"])
    await client.type(
        "for i in $(seq 120000); do echo line $i of many colours; done; echo a$((1+1))b\r"
    )
    screen = await client.until("a2b")
    assert len(client.output) > 2_000_000
    again = await terminal(session["terminal"])
    assert await again.until("a2b") == screen
    assert again.received <= 300_000
    await again.type("echo st$((1+1))ill\r")
    await again.until("st2ill")


async def test_how_an_agent_failed_at_once_is_kept_and_told(
    sessions, open_session, agentauth, monkeypatch, repository, containers
):
    monkeypatch.setenv("MY_SERVICE_API_KEY", "value-of-my-key")
    failing = "echo cannot do it with value-of-my-key or sk-ant-0123456789abcdef; exit 3"
    session = await open_session("sh", repository, "-c", failing)
    for _ in range(600):
        [listed] = await sessions()
        if listed["state"] == "exited":
            break
        await asyncio.sleep(0.1)
    assert (listed["exit_code"], listed["terminal"]) == (3, None)
    assert listed["last_lines"] == ["cannot do it with [hidden] or [hidden]"]
    assert containers() == []
    shown = agentauth("sessions").stdout
    assert session["id"] in shown
    assert "exited (3)" in shown
    assert "cannot do it with [hidden] or [hidden]" in shown
    assert "value-of-my-key" not in shown
    assert listed in json.loads(agentauth("sessions", "--json").stdout)


class TestWithIdleTerminalsCulled:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["TerminalManager"] = {"cull_inactive_timeout": 1, "cull_interval": 1}
        return jp_server_config

    async def test_an_idle_agents_terminal_stays_and_an_ordinary_one_goes(
        self, open_session, post_terminal, names, terminal, repository
    ):
        session = await open_session("sh", repository)
        assert (await post_terminal(name="idle"))[0] == 200
        for _ in range(600):
            if "idle" not in await names():
                break
            await asyncio.sleep(0.1)
        assert await names() == [session["terminal"]]
        client = await terminal(session["terminal"])
        await client.type("echo al$((1+1))ive\r")
        await client.until("al2ive")


async def test_an_agent_that_prints_counts_as_activity_of_the_server_with_no_page_open(
    open_session, jp_fetch, repository
):
    await open_session("sh", repository, "-c", "while :; do echo working; sleep 0.2; done")

    async def last_activity() -> tuple[str, str]:
        # Looking must not count: JupyterHub asks the server from inside.
        quietly = {"no_track_activity": "1"}
        status = json.loads((await jp_fetch("api", "status", params=quietly)).body)
        [shown] = json.loads((await jp_fetch("api", "terminals", params=quietly)).body)
        return status["last_activity"], shown["last_activity"]

    before = await last_activity()
    for _ in range(600):
        now = await last_activity()
        if now[0] > before[0] and now[1] > before[1]:
            break
        await asyncio.sleep(0.1)
    assert now[0] > before[0]
    assert now[1] > before[1]
