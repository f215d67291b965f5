"""What front ends were told and is no longer so: sign-ins, worktrees, settings, the engine."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from contextlib import suppress

import pytest
from command_line import git
from conformance_agents import CODEX_KEY
from event_subscriber import AGENT, ENGINE, SETTINGS, WORKTREE, Subscriber
from terminal_client import TerminalClient

CHANGED = {"state": "changed"}
CODEX = {"agent": "codex", "state": "changed"}


@pytest.fixture
def subscribe(jp_ws_fetch):
    async def connect() -> Subscriber:
        return Subscriber(await jp_ws_fetch("api", "events", "subscribe"))

    return connect


@pytest.fixture
def signed_in(api):
    """What a front end is told of Codex."""

    async def ask() -> bool:
        agents = {agent["name"]: agent for agent in (await api("GET", "agents")).json}
        return agents["codex"]["signed_in"]

    return ask


@pytest.fixture
def at(api):
    """What a front end is told of one worktree."""

    async def ask(path) -> tuple[str, int]:
        worktrees = {w["path"]: w for w in (await api("GET", "worktrees")).json}
        return worktrees[str(path)]["branch"], worktrees[str(path)]["changes"]

    return ask


async def chooses(client: TerminalClient, key: str, seen: str) -> None:
    """Press a key until it is taken: a dialogue that was just drawn may not listen yet.

    Not again once the screen has changed, nor soon: in the next dialogue it means another thing.
    """
    before = client.screen
    for _ in range(6):
        if client.screen == before:
            await client.type(key)
        with suppress(AssertionError):
            await client.until(seen, seconds=5)
            return
    await client.until(seen, seconds=5)


async def test_a_sign_in_in_a_session_is_told_and_so_is_the_sign_out(
    subscribe, open_session, terminal, api, signed_in, repository
):
    subscriber = await subscribe()
    assert not await signed_in()
    session = await open_session("codex", repository.parent / "a", share_auth=True)
    client = await terminal(session["terminal"])
    await client.until("Sign in another way")
    await chooses(client, "3", "Use an OpenAI API key")
    await chooses(client, "1", "Paste or type your API key")
    await client.type(CODEX_KEY)
    await client.enter_until("Ask Codex to do anything")
    await subscriber.until(lambda: bool(subscriber.of(AGENT)))
    assert await signed_in()
    assert (await api("DELETE", "agents/codex/auth")).status == 204
    await subscriber.until(lambda: len(subscriber.of(AGENT)) > 1)
    assert subscriber.of(AGENT) == [CODEX, CODEX]
    assert not await signed_in()


async def test_a_sign_in_by_a_command_is_told_when_its_container_ends(
    subscribe, agentauth, signed_in, repository, image, containers
):
    subscriber = await subscribe()
    assert not await signed_in()
    login = ("--share", "--", "login", "--with-api-key")
    done = await asyncio.to_thread(
        agentauth, "run", "codex", "--worktree", str(repository), *login, stdin=CODEX_KEY
    )
    assert done.returncode == 0, done.stderr
    await subscriber.until(lambda: bool(subscriber.of(AGENT)))
    assert subscriber.of(AGENT) == [CODEX]
    assert await signed_in()
    assert CODEX_KEY not in json.dumps(subscriber.events)


async def test_what_an_agent_does_in_its_worktree_is_told_once_until_somebody_reads_it(
    subscribe, open_session, terminal, at, repository
):
    worktree = repository.parent / "a"
    subscriber = await subscribe()
    assert await at(worktree) == ("a", 0)
    session = await open_session("bash", worktree, "--norc")
    client = await terminal(session["terminal"])

    done = itertools.count(1)

    async def types(command: str) -> None:
        number = next(done)
        await client.type(f"{command}; echo done$(({number}+0))\r")
        await client.until(f"done{number}")

    await types("touch one")
    await subscriber.until(lambda: bool(subscriber.of(WORKTREE)))
    await types("touch two")
    await types("git switch --quiet --create other")
    # Nobody has asked since, so this is what is read, and nothing more was told of it.
    assert await at(worktree) == ("other", 2)
    assert subscriber.of(WORKTREE) == [CHANGED]
    await types("git add .; git commit --quiet --message=both")
    await subscriber.until(lambda: len(subscriber.of(WORKTREE)) > 1)
    assert await at(worktree) == ("other", 0)
    assert git(worktree, "log", "-1", "--format=%s").strip() == "both"
    assert subscriber.of(WORKTREE) == [CHANGED] * 2


async def test_worktrees_that_came_and_went_are_told_when_a_session_ends(
    subscribe, open_session, api, at, repository
):
    subscriber = await subscribe()
    await at(repository)
    session = await open_session("sh", repository)
    git(repository, "worktree", "add", "--quiet", "-b", "c", str(repository.parent / "c"))
    git(repository, "worktree", "remove", str(repository.parent / "a"))
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    await subscriber.until(lambda: bool(subscriber.of(WORKTREE)))
    paths = {w["path"] for w in (await api("GET", "worktrees")).json}
    assert {path.rpartition("/")[2] for path in paths} == {"main", "b", "c"}


async def test_an_agent_that_never_stops_is_told_of_at_a_walking_pace(
    subscribe, open_session, at, repository
):
    subscriber = await subscribe()
    await at(repository)
    busy = "while :; do n=$((n+1)); touch file$n; echo $n; sleep 0.02; done"
    await open_session("sh", repository, "-c", busy)
    began = time.monotonic()
    for told in range(1, 5):
        await subscriber.until(lambda told=told: len(subscriber.of(WORKTREE)) >= told)
        # As two windows do, each at once.
        await asyncio.gather(at(repository), at(repository))
    assert time.monotonic() - began > 6


async def test_a_choice_is_told_to_all_and_one_that_changes_nothing_is_not(
    subscribe, api, home, signed_in
):
    subscriber = await subscribe()
    assert (await api("GET", "settings")).status == 200
    for body in ({"share_auth": True}, {"share_auth": True}, {}, {"share_auth": False}):
        assert (await api("PATCH", "settings", body)).status == 200
    assert (await api("PATCH", "settings", {"allow_share_auth": True})).status == 403
    await signed_in()
    # Of the chosen profile another is said, and so of whether the agents are signed in.
    assert (await api("PATCH", "settings", {"profile": "work"})).status == 200
    await subscriber.until(lambda: len(subscriber.of(AGENT)) > 4)
    assert subscriber.of(SETTINGS) == [CHANGED] * 3


async def test_choices_that_others_wrote_are_told_at_the_next_look_and_when_they_are_read(
    subscribe, api, open_session, terminal, repository, jp_config_dir
):
    stored = jp_config_dir / "serverconfig" / "jupyter_agentauth.json"
    stored.parent.mkdir(parents=True, exist_ok=True)
    subscriber = await subscribe()
    session = await open_session("sh", repository)
    assert (await api("GET", "settings")).json["share_auth"] is False
    stored.write_text('{"share_auth": true}')
    assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    await subscriber.until(lambda: bool(subscriber.of(SETTINGS)))
    assert (await api("GET", "settings")).json["share_auth"] is True
    stored.write_text('{"share_auth": false}')
    # Another window sees it first: those that were told otherwise are told.
    assert (await api("GET", "settings")).json["share_auth"] is False
    await subscriber.until(lambda: len(subscriber.of(SETTINGS)) == 2)


class TestWithoutAnEngine:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        return {**jp_server_config, "AgentAuth": {"docker_command": ["no-such-docker"]}}

    async def test_it_is_lost_once_with_what_mends_it_and_nothing_waits_for_it(
        self, subscribe, api, home
    ):
        subscriber = await subscribe()
        for path in ("agents", "image", "agents"):
            agents = (await api("GET", path)).json
        assert {(a["reason"], a["mend"]) for a in agents} == {
            ("engine_missing", "sudo apt-get install docker.io")
        }
        assert (await api("GET", "settings")).status == 200
        assert (await api("PATCH", "settings", {"share_auth": True})).status == 200
        await subscriber.until(lambda: bool(subscriber.of(SETTINGS)))
        assert subscriber.of(ENGINE) == [{"state": "lost"}]
        assert not any(t.name == "agentauth-engine-events" for t in threading.enumerate())


class TestEngine:
    @pytest.mark.parametrize("way", ["stop", "kill"])
    async def test_an_engine_that_goes_and_comes_back_is_told_once_each(
        self, subscribe, api, second_engine, repository, way
    ):
        subscriber = await subscribe()
        assert (await api("GET", "image")).status == 200
        for told in (1, 3):
            await asyncio.to_thread(getattr(second_engine, way))
            await subscriber.until(lambda told=told: len(subscriber.of(ENGINE)) == told)
            agents = (await api("GET", "agents")).json
            assert {agent["reason"] for agent in agents} == {"engine_not_running"}
            await asyncio.to_thread(second_engine.start)
            await subscriber.until(lambda told=told: len(subscriber.of(ENGINE)) == told + 1)
            agents = (await api("GET", "agents")).json
            assert "engine_not_running" not in {agent["reason"] for agent in agents}
        lost_and_reached = [{"state": "lost"}, {"state": "reached"}]
        assert subscriber.of(ENGINE) == lost_and_reached * 2

    async def test_an_engine_that_was_never_there_is_lost_when_it_is_asked_for_and_then_reached(
        self, subscribe, api, second_engine, home
    ):
        await asyncio.to_thread(second_engine.stop)
        subscriber = await subscribe()
        for path in ("agents", "image", "agents"):
            await api("GET", path)
        await subscriber.until(lambda: bool(subscriber.of(ENGINE)))
        await asyncio.to_thread(second_engine.start)
        await subscriber.until(lambda: len(subscriber.of(ENGINE)) > 1)
        assert subscriber.of(ENGINE) == [{"state": "lost"}, {"state": "reached"}]
