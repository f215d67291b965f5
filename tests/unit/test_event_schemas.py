"""The event schemas, and that a change is told once."""

from __future__ import annotations

import io
import json
import logging
from importlib.resources import files

import pytest
from jupyter_events.logger import EventLogger
from jupyter_events.schema import EventSchema

from jupyter_agentauth.server.events import ENGINE_EVENT, IMAGE_EVENT, SESSION_EVENT, Events

STATES = {
    "session": ["starting", "running", "paused", "exited", "stopped"],
    "image": ["present", "absent", "building", "failed"],
    "agent": ["changed"],
    "worktree": ["changed"],
    "settings": ["changed"],
    "engine": ["reached", "lost"],
}

#: Those of which there are several.
WITH_ID = ("session", "image", "agent")


@pytest.mark.parametrize("subject", STATES)
def test_a_schema_holds_an_id_and_a_state_and_says_what_they_are(subject):
    text = files("jupyter_agentauth").joinpath(f"events/{subject}.yaml").read_text()
    schema = EventSchema(text)._schema
    assert schema["$id"] == f"https://events.jupyter.org/jupyter_agentauth/{subject}/v1"
    assert schema["version"] == "1"
    assert schema["title"]
    assert schema["personal-data"] is False
    assert schema["additionalProperties"] is False
    held = {subject, "state"} if subject in WITH_ID else {"state"}
    assert set(schema["properties"]) == set(schema["required"]) == held
    assert all(described["description"] for described in schema["properties"].values())
    assert schema["properties"]["state"]["enum"] == STATES[subject]


class Told:
    """Everything that is published, from a real event logger."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        logger = EventLogger(handlers=[logging.StreamHandler(self._stream)])
        self.events = Events(logger)

    def of(self, schema: str) -> list[str]:
        lines = [json.loads(line) for line in self._stream.getvalue().splitlines()]
        return [line["state"] for line in lines if line["__schema__"] == schema]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    ("reported", "published"),
    [
        ("starting running running", "starting running"),
        ("running paused paused running", "running paused running"),
        ("starting exited running", "starting exited"),
        ("running exited exited stopped exited", "running exited stopped"),
        ("running stopped stopped running", "running stopped"),
        ("paused", "paused"),
    ],
)
def test_a_sessions_change_is_told_once_and_nothing_after_its_end(told, reported, published):
    for state in reported.split():
        told.events.session_changed("0123456789ab", state)
    assert told.of(SESSION_EVENT) == published.split()


def test_old_sessions_are_forgotten(told):
    for number in range(5000):
        told.events.session_changed(str(number), "starting")
    assert len(told.events._sessions) == 1000


def test_an_image_is_told_when_its_name_means_another(told):
    for identity in (None, None, "a", "a", "b", "b", None):
        told.events.image_is("agents", identity)
    assert told.of(IMAGE_EVENT) == ["present", "present", "absent"]


def test_a_change_between_the_first_answer_and_the_first_look_is_told(told):
    told.events.image_was("agents", None)
    told.events.image_is("agents", "a")
    told.events.image_was("agents", None)
    told.events.image_is("agents", "a")
    assert told.of(IMAGE_EVENT) == ["present"]


@pytest.mark.parametrize(
    ("lost", "published"),
    [
        ([False, False], []),
        ([True, True], ["lost"]),
        ([False, True, False, False, True], ["lost", "reached", "lost"]),
    ],
)
def test_the_engine_is_told_to_be_lost_and_reached_again_and_not_that_it_was_there(
    told, lost, published
):
    for is_lost in lost:
        told.events.engine_is(lost=is_lost)
    assert told.of(ENGINE_EVENT) == published


@pytest.mark.parametrize(
    ("before", "meanwhile", "after", "failed", "published"),
    [
        (None, "a", "a", False, ["building", "present"]),
        (None, None, "a", False, ["building", "present"]),
        ("a", "a", "b", False, ["building", "present"]),
        ("a", None, "a", False, ["building", "absent", "present"]),
        ("a", "a", "a", False, ["building", "present"]),
        ("a", "a", "a", True, ["building", "failed"]),
        (None, None, None, True, ["building", "failed"]),
        (None, None, None, False, ["building", "absent"]),
    ],
    ids=[
        "the engine tells first", "the build tells first", "another", "removed meanwhile",
        "broken off", "failed", "failed, none before", "broken off, none before",
    ],
)  # fmt: skip
def test_a_builds_end_is_told_once(told, before, meanwhile, after, failed, published):
    told.events.image_is("agents", before)
    told.events.image_building("agents")
    told.events.image_is("agents", meanwhile)
    told.events.image_build_ended("agents", after, failed)
    told.events.image_is("agents", after)
    assert told.of(IMAGE_EVENT) == published
