"""The preference file is torn, or something else lies in its place."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fault_claims import one_sentence

from jupyter_agentauth.preferences import Preferences

#: What lies in the file's place: made by a function, and recognised by another.
Fault = tuple[Callable[[Path], object], Callable[[Path], bool]]


def text(content: bytes) -> Fault:
    return lambda path: path.write_bytes(content), lambda path: path.read_bytes() == content


def directory(path: Path) -> None:
    path.mkdir()
    (path / "inside").write_text("kept")


FAULTS: dict[str, Fault] = {
    "truncated": text(b'{"share_auth": tr'),
    "empty": text(b""),
    "no object": text(b"[true]"),
    "binary": text(bytes(range(256))),
    "huge": text(b'{"share_auth": true, "x": "' + b"x" * 2_000_000 + b'"}'),
    "deep": text(b"[" * 100_000),
    "a directory": (directory, lambda path: (path / "inside").read_text() == "kept"),
    "a FIFO": (os.mkfifo, Path.is_fifo),
    "unreadable": (
        lambda path: (path.write_text("{}"), path.chmod(0)),
        lambda path: path.stat().st_mode & 0o777 == 0,
    ),
}


@pytest.fixture
def stored(home, jp_config_dir) -> Path:
    path = jp_config_dir / "serverconfig" / "jupyter_agentauth.json"
    path.parent.mkdir(parents=True)
    return path


def kept(stored: Path) -> list[Path]:
    return sorted(stored.parent.glob("*.torn*"))


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_cannot_be_read_is_kept_aside_the_default_holds_and_the_next_choice_is_kept(
    api, repository, stored, agentauth, caplog, fault
):
    make, is_it = FAULTS[fault]
    make(stored)
    # Before anything is moved, the doctor says so, and changes nothing.
    before = [c for c in json.loads(agentauth("doctor", "--json").stdout) if _is_ours(c)]
    assert [c["level"] for c in before] == ["warning"]
    assert is_it(stored)

    with caplog.at_level(logging.WARNING, "jupyter_agentauth"):
        assert (await api("GET", "settings")).json["share_auth"] is False
        assert (await api("GET", "settings")).json["share_auth"] is False
    said = [r.getMessage() for r in caplog.records if r.name == "jupyter_agentauth.preferences"]
    assert len(said) == 1
    assert one_sentence(said[0])
    [aside] = kept(stored)
    assert is_it(aside)
    assert [stored.exists(), stored.is_symlink()] == [False, False]
    [found] = [c for c in (await api("GET", "doctor")).json if _is_ours(c)]
    assert found["level"] == "warning"
    assert str(aside) in found["message"]

    reply = await api("PATCH", "settings", {"share_auth": True})
    assert (reply.status, reply.json["share_auth"]) == (200, True)
    assert json.loads(stored.read_text()) == {"share_auth": True}
    assert is_it(aside)


def _is_ours(check: dict[str, str]) -> bool:
    return check["check"] == "preferences"


async def test_what_is_kept_aside_never_replaces_what_was_kept_before(api, home, stored):
    for number in range(3):
        stored.write_text(f"torn {number}")
        await api("GET", "settings")
    assert {path.read_text() for path in kept(stored)} == {"torn 0", "torn 1", "torn 2"}


async def test_wrong_types_are_the_default_and_said_and_a_copy_is_kept_when_they_are_replaced(
    api, repository, stored
):
    wrong = {"share_auth": "yes", "profile": ["x"], "theirs": {"a": 1}}
    stored.write_text(json.dumps(wrong))
    settings = (await api("GET", "settings")).json
    assert (settings["share_auth"], settings["profile"]) == (False, "default")
    assert json.loads(stored.read_text()) == wrong
    found = [c["message"] for c in (await api("GET", "doctor")).json if _is_ours(c)]
    assert ["share_auth" in found[0], "profile" in found[1], len(found)] == [True, True, 2]
    assert (await api("PATCH", "settings", {"share_auth": True})).status == 200
    assert json.loads(stored.read_text()) == {**wrong, "share_auth": True}
    [aside] = kept(stored)
    assert json.loads(aside.read_text()) == wrong


def test_a_writer_in_the_middle_of_it_loses_nothing_and_is_waited_for(tmp_path):
    """jupyter_server empties the file and then fills it."""
    preferences = Preferences(str(tmp_path))
    preferences.path.parent.mkdir()
    preferences.path.write_text('{"share_auth": true}')
    done = threading.Event()

    def write() -> None:
        for _ in range(100):
            with preferences.path.open("w") as file:
                file.flush()
                time.sleep(0.01)  # In which it is empty.
                file.write('{"share_auth": true}')
            time.sleep(0.005)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        preferences.set_aside()
        assert preferences.read() == {"share_auth": True}
    writer.join()
    assert kept(preferences.path) == []


async def test_where_it_cannot_be_moved_the_default_holds_and_a_choice_is_refused_in_one_sentence(
    api, home, stored
):
    stored.write_text("torn")
    stored.parent.chmod(0o500)
    try:
        assert (await api("GET", "settings")).json["share_auth"] is False
        reply = await api("PATCH", "settings", {"share_auth": True})
        assert (reply.status, reply.json["reason"]) == (409, "preference_not_saved")
        assert one_sentence(reply.json["message"])
    finally:
        stored.parent.chmod(0o700)
    assert stored.read_text() == "torn"
    assert (await api("PATCH", "settings", {"share_auth": True})).status == 200
