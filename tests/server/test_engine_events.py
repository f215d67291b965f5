"""The real engine's events, through a relay that can be cut as an engine can be stopped."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest
from engine_relay import EngineRelay
from waiting import DEADLINE

from jupyter_agentauth import engine_events
from jupyter_agentauth.engine import Engine
from jupyter_agentauth.engine_events import ContainerEvent, EngineEvents, ImageEvent
from jupyter_agentauth.launch_plan import LABEL

#: Of nobody here, so that no other test's containers are told of.
OWNER, ANOTHER = "3111222333:ada", "3111222333:bob"


class Told:
    """What a listener told, in order."""

    def __init__(self) -> None:
        self.events: list[ContainerEvent | ImageEvent] = []
        self.connections = 0
        self.losses = 0

    def lost(self) -> None:
        self.losses += 1

    def connected(self) -> None:
        self.connections += 1

    def of(self, session: str) -> list[ContainerEvent]:
        return [e for e in self.events if isinstance(e, ContainerEvent) and e.session == session]

    def actions(self, session: str) -> list[str]:
        return [event.action for event in self.of(session)]


def until(true: Callable[[], Any], seconds: float = DEADLINE) -> Any:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)
    return found


@pytest.fixture
def relay() -> Iterator[EngineRelay]:
    with tempfile.TemporaryDirectory(prefix="aa-") as directory:
        relay = EngineRelay(Path(directory) / "s")
        yield relay
        relay.cut()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def listener(relay: EngineRelay, told: Told) -> Iterator[EngineEvents]:
    client = docker.DockerClient(base_url=relay.host, version="1.41", timeout=10)
    listener = EngineEvents(lambda: client, OWNER, told.events.append, told.connected, told.lost)
    yield listener
    listener.close()
    client.close()


@pytest.fixture
def run(engine: Engine, image: str) -> Iterator[Callable[..., Any]]:
    """Start a container as a session's is: ``run("id", ["sh", "-c", "…"], owner=…)``."""

    def start(session: str, command: list[str], owner: str = OWNER, **options: Any) -> Any:
        labels = {f"{LABEL}owner": owner, f"{LABEL}session": session}
        return engine.client.containers.run(
            image, command, labels=labels, detach=True, remove=True, init=True,
            network_mode="none", entrypoint="", **options,
        )  # fmt: skip

    yield start
    for container in engine.containers(OWNER):
        engine.stop(OWNER, container.labels["session"])


def listeners() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "agentauth-engine-events"]


def test_a_sessions_life_is_told_in_order_and_other_users_are_not(listener, told, run):
    listener.start()
    until(lambda: told.connections)
    run("other", ["true"], owner=ANOTHER)
    mine = run("mine", ["sleep", "60"])
    mine.pause()
    mine.unpause()
    mine.kill()
    until(lambda: "destroy" in told.actions("mine"))
    life = ["create", "start", "pause", "unpause", "kill", "die", "destroy"]
    # Docker 20.10 tells a pause and its end twice when the one follows the other at once (seen).
    assert list(dict.fromkeys(told.actions("mine"))) == life
    assert {event.container for event in told.of("mine")} == {mine.id}
    assert told.of("mine")[-2].exit_code == 137
    assert told.of("other") == []
    assert told.connections == 1


def test_it_goes_on_after_the_engine_was_away_and_says_that_it_was(listener, told, run, relay):
    listener.start()
    until(lambda: told.connections == 1)
    relay.cut()
    until(lambda: relay.connections == 0)
    relay.restore()
    until(lambda: told.connections == 2)
    run("after", ["true"])
    until(lambda: "destroy" in told.actions("after"))
    assert len(listeners()) == 1


def test_it_waits_for_an_engine_that_is_not_there_yet_and_never_hurries(listener, told, run, relay):
    relay.refuses = True
    before = relay.accepted
    listener.start()
    until(lambda: relay.accepted > before)
    end = time.monotonic() + 3
    until(lambda: time.monotonic() > end)
    assert relay.accepted - before <= 6
    assert told.connections == 0
    assert told.losses
    relay.refuses = False
    listener.start()  # Somebody asks the engine for something: now rather than later.
    until(lambda: told.connections == 1, seconds=5)


def test_a_silent_connection_is_renewed_and_nothing_is_missed_or_told_twice(
    listener, told, run, relay, monkeypatch
):
    monkeypatch.setattr(engine_events, "_SILENCE_SECONDS", 1)
    listener.start()
    until(lambda: told.connections)
    sessions = [f"s{number}" for number in range(2)]
    for session in sessions:
        renewed = relay.accepted
        until(lambda renewed=renewed: relay.accepted > renewed)
        run(session, ["sleep", "0.7"])
    life = ["create", "start", "die", "destroy"]
    until(lambda: all("destroy" in told.actions(session) for session in sessions))
    assert [told.actions(session) for session in sessions] == [life] * 2
    assert (told.connections, told.losses) == (1, 0)


def test_images_are_told_of_when_they_are_tagged_and_untagged(listener, told, engine, image):
    listener.start()
    until(lambda: told.connections)
    name = f"agentauth-test:{uuid4().hex[:12]}"
    found = engine.client.images.get(image)
    found.tag(name)
    engine.client.images.remove(name)

    def of_ours() -> list[tuple[str, str]]:
        events = [e for e in told.events if isinstance(e, ImageEvent) and e.image == found.id]
        return [(event.action, event.name) for event in events]

    until(lambda: ("tag", name) in of_ours())
    until(
        lambda: any(action == "untag" for action, _ in of_ours()[of_ours().index(("tag", name)) :])
    )


@pytest.mark.parametrize("engine_is", ["there", "away", "refusing"])
def test_closing_leaves_no_thread_and_no_connection(listener, told, relay, engine_is):
    if engine_is == "away":
        relay.cut()
    relay.refuses = engine_is == "refusing"
    listener.start()
    if engine_is == "there":
        until(lambda: told.connections)
    began = time.monotonic()
    listener.close()
    assert time.monotonic() - began < 1.5
    assert listeners() == []
    until(lambda: relay.connections == 0)
    listener.start()
    assert listeners() == []


def test_closing_does_not_wait_for_an_engine_that_hangs(listener, relay, monkeypatch):
    monkeypatch.setattr(engine_events, "_SILENCE_SECONDS", 4)
    relay.hangs = True
    listener.start()
    until(lambda: relay.connections)
    began = time.monotonic()
    listener.close(patience=0.2)
    assert time.monotonic() - began < 2
    assert all(thread.daemon for thread in listeners())
    until(lambda: not listeners(), seconds=10)


def test_a_fault_in_what_listens_does_not_end_the_telling(relay, run, caplog):
    told = Told()

    def fail_once(event: ContainerEvent | ImageEvent) -> None:
        told.events.append(event)
        if len(told.of("faulty")) == 1:
            raise ValueError("a fault of ours")

    client = docker.DockerClient(base_url=relay.host, version="1.41")
    listener = EngineEvents(lambda: client, OWNER, fail_once, told.connected)
    try:
        listener.start()
        until(lambda: told.connections)
        run("faulty", ["true"])
        until(lambda: "destroy" in told.actions("faulty"))
    finally:
        listener.close()
        client.close()
    assert "An engine event was not taken" in caplog.text
