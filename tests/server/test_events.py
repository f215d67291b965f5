"""Live state: what a subscriber at ``/api/events/subscribe`` is told, on the real engine."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from conformance_bench import configure
from engine_relay import EngineRelay
from event_subscriber import AGENT, ENGINE, IMAGE, SESSION, SETTINGS, WORKTREE, Subscriber
from waiting import DEADLINE

from jupyter_agentauth.image import LABEL_BASE_IMAGE
from jupyter_agentauth.known_agents import BUILT_IN
from jupyter_agentauth.launch_plan import LABEL
from jupyter_agentauth.server.app import AgentAuthExtension

#: What may be told, and nothing else.
ALLOWED = {
    SESSION: {"session", "state"}, IMAGE: {"image", "state"}, AGENT: {"agent", "state"},
    WORKTREE: {"state"}, SETTINGS: {"state"}, ENGINE: {"state"},
}  # fmt: skip


@pytest.fixture
def subscribe(jp_ws_fetch):
    async def connect() -> Subscriber:
        return Subscriber(await jp_ws_fetch("api", "events", "subscribe"))

    return connect


@pytest.fixture
def container(engine, containers):
    """The SDK's container of the one session."""

    def find() -> docker.models.containers.Container:
        [found] = containers()
        return engine.client.containers.get(found.id)

    return find


def listeners() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "agentauth-engine-events"]


async def until(true, seconds: float = DEADLINE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_a_sessions_life_is_told_each_change_once_and_nothing_but_ids_and_states(
    subscribe, open_session, terminal, repository
):
    subscriber = await subscribe()
    session = await open_session("sh", repository, "-c", "echo secret-word; read line; exit 7")
    await subscriber.until_states(session["id"], "starting", "running")
    client = await terminal(session["terminal"])
    await client.until("secret-word")
    await client.type("\r")
    await subscriber.until_states(session["id"], "starting", "running", "exited")
    assert all(set(data) == ALLOWED[kind] for kind, data in subscriber.events)
    told = json.dumps(subscriber.events)
    assert not any(word in told for word in ("secret-word", str(repository), "read line"))


async def test_stopping_is_told_last_and_again_tells_nothing(
    subscribe, open_session, api, repository
):
    subscriber = await subscribe()
    session = await open_session("sh", repository)
    for _ in range(2):
        assert (await api("DELETE", f"sessions/{session['id']}")).status == 204
    other = await open_session("sh", repository)
    await subscriber.until(lambda: "running" in subscriber.states(other["id"]))
    told = subscriber.states(session["id"])
    assert [state for state in told if state != "exited"] == ["starting", "running", "stopped"]
    assert told[-1] == "stopped"


async def test_a_session_that_another_process_stops_is_told(
    subscribe, open_session, agentauth, repository
):
    subscriber = await subscribe()
    session = await open_session("sh", repository)
    done = await asyncio.to_thread(agentauth, "stop", session["id"])
    assert done.returncode == 0, done.stderr
    await subscriber.until_states(session["id"], "starting", "running", "stopped")


async def test_a_container_that_is_paused_and_killed_in_the_engine_is_told(
    subscribe, open_session, container, repository
):
    subscriber = await subscribe()
    session = await open_session("sh", repository)
    await subscriber.until_states(session["id"], "starting", "running")
    for change, state in (("pause", "paused"), ("unpause", "running"), ("kill", "exited")):
        getattr(container(), change)()
        await subscriber.until(lambda state=state: subscriber.states(session["id"])[-1] == state)
    told = subscriber.states(session["id"])
    # Docker 20.10 may tell a pause and its end twice, with others' events between (seen).
    assert list(dict.fromkeys(told)) == ["starting", "running", "paused", "exited"]
    assert all(state != following for state, following in itertools.pairwise(told))


async def test_sessions_of_no_server_are_not_told(
    subscribe, open_session, engine, image, repository, containers
):
    subscriber = await subscribe()
    await open_session("sh", repository)  # From here on the engine is listened to.
    await until(lambda: listeners())
    stranger = uuid.uuid4().hex[:12]
    labels = {"uid": str(os.getuid()), "session": stranger, "worktree": str(repository)}
    engine.client.containers.run(
        image, ["sleep", "60"], detach=True, remove=True, init=True, network_mode="none",
        entrypoint="", labels={LABEL + name: value for name, value in labels.items()},
    )  # fmt: skip
    engine.stop(os.getuid(), stranger)
    mine = await open_session("sh", repository)
    await subscriber.until(lambda: "running" in subscriber.states(mine["id"]))
    assert stranger not in subscriber.sessions()


async def test_a_launch_that_fails_is_told_to_be_over(
    subscribe, api, image, repository, containers, jp_serverapp
):
    subscriber = await subscribe()
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    service.config.network = "no-such-network"
    reply = await api("POST", "sessions", {"agent": "sh", "worktree": str(repository)})
    assert reply.status == 503
    await subscriber.until(lambda: bool(subscriber.sessions()))
    [session] = subscriber.sessions()
    await subscriber.until(lambda: "stopped" in subscriber.states(session))
    told = subscriber.states(session)
    assert [state for state in told if state != "exited"] == ["starting", "stopped"]


class TestImages:
    @pytest.fixture
    def tag(self, engine, home):
        """The name of the agent image in this test; what it names goes with it."""
        name = f"agentauth-test:{uuid.uuid4().hex[:12]}"
        yield name
        with suppress(docker.errors.ImageNotFound):
            engine.client.images.remove(name)

    @pytest.fixture
    def jp_server_config(self, jp_server_config, tag):
        return {**jp_server_config, "AgentAuth": {"image": tag}}

    async def test_an_image_that_somebody_else_tags_replaces_and_removes_is_told(
        self, subscribe, api, engine, image, tag
    ):
        subscriber = await subscribe()
        assert (await api("GET", "image")).json["present"] is False
        await until(lambda: listeners())
        agents = engine.client.images.get(image)
        base = engine.client.images.get(agents.labels[LABEL_BASE_IMAGE])
        told = []
        for change, state in (
            (lambda: agents.tag(tag), "present"),
            (lambda: base.tag(tag), "present"),
            (lambda: (base.tag(tag), engine.client.images.remove(tag)), "absent"),
        ):
            change()
            told.append((tag, state))
            await subscriber.until(lambda: len(subscriber.images()) == len(told))
            assert subscriber.images() == told
            # Others' images are nobody's business, and no change is told twice.
            agents.tag(f"{tag}-other")
            engine.client.images.remove(f"{tag}-other")

    @pytest.fixture
    def build(self, jp_fetch):
        async def call(**body: object) -> str:
            reply = await jp_fetch(
                "agentauth", "api", "image", "build",
                method="POST", body=json.dumps(body), request_timeout=200,
            )  # fmt: skip
            return json.loads(reply.body.splitlines()[-1])["type"]

        return call

    async def test_a_build_is_told_here_and_when_another_process_makes_it(
        self, subscribe, build, agentauth, registry, own_image, image, tag
    ):
        bare = own_image(image, without=[f"/usr/local/bin/{name}" for name in BUILT_IN])
        subscriber = await subscribe()
        assert await build(base_image="No Valid Name") == "error"
        told = [(tag, "building"), (tag, "failed")]
        await subscriber.until(lambda: len(subscriber.images()) >= len(told))
        assert subscriber.images() == told
        assert await build(base_image=bare, agents=["opencode"]) == "done"
        told += [(tag, "building"), (tag, "present")]
        await subscriber.until(lambda: len(subscriber.images()) >= len(told))
        assert subscriber.images() == told

        configure(image=tag)
        registry.version = "9.9.9"
        done = await asyncio.to_thread(agentauth, "image", "update")
        assert done.returncode == 0, done.stderr
        told += [(tag, "present")]
        await subscriber.until(lambda: len(subscriber.images()) >= len(told))
        assert subscriber.images() == told


class TestAnEngineThatComesAndGoes:
    @pytest.fixture
    def relay(self, monkeypatch, home):
        with tempfile.TemporaryDirectory(prefix="aa-") as directory:
            relay = EngineRelay(Path(directory) / "s")
            monkeypatch.setenv("DOCKER_HOST", relay.host)
            yield relay
            relay.cut()

    @pytest.fixture
    def direct(self, engine):
        """The engine past the relay, made before that was."""
        return engine.client

    async def test_what_happened_while_the_engine_was_away_is_told_when_it_is_back(
        self, direct, relay, subscribe, open_session, repository
    ):
        subscriber = await subscribe()
        session = await open_session("sh", repository)
        await subscriber.until_states(session["id"], "starting", "running")
        manager_threads = len(listeners())
        relay.cut()
        await until(lambda: relay.connections == 0)
        relay.restore()
        before = relay.accepted
        await until(lambda: relay.accepted > before)
        direct.containers.get(session["container"]).pause()
        await subscriber.until(lambda: subscriber.states(session["id"])[-1] == "paused")
        assert len(listeners()) == manager_threads == 1

    async def test_nothing_listens_before_agents_are_used_and_nothing_is_left_afterwards(
        self, direct, relay, subscribe, api, jp_serverapp, repository
    ):
        subscriber = await subscribe()
        assert (await api("GET", "settings")).status == 200
        plan = {"agent": "claude", "worktree": str(repository)}
        assert (await api("POST", "plan", plan)).status == 200
        assert listeners() == []
        assert relay.accepted == 0
        assert (await api("GET", "image")).status == 200
        await until(lambda: len(listeners()) == 1)
        assert (await api("GET", "image")).status == 200
        assert len(listeners()) == 1
        assert subscriber.events == []
        began = time.monotonic()
        await jp_serverapp.cleanup_extensions()
        assert time.monotonic() - began < 5
        assert listeners() == []
        await until(lambda: relay.connections == 0)


async def test_a_server_that_ends_before_the_extension_began_ends_without_a_fault():
    await AgentAuthExtension().stop_extension()


def test_loading_the_extension_imports_no_docker_and_starts_no_thread():
    program = (
        "import sys, threading, jupyter_agentauth.server.app; "
        "print('docker' in sys.modules, threading.active_count())"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert said.stdout == "False 1\n", said.stderr
