from __future__ import annotations

import json
import logging
import threading

import pytest

from jupyter_agentauth.errors import Conflict
from jupyter_agentauth.preferences import Preferences


@pytest.fixture
def preferences(tmp_path):
    return Preferences(str(tmp_path / "config"))


def test_a_choice_is_there_for_the_next_reader_at_once(preferences, tmp_path):
    preferences.write({"share_auth": True})
    assert Preferences(str(tmp_path / "config")).read() == {"share_auth": True}


def test_it_lies_in_jupyter_servers_own_section(tmp_path, monkeypatch):
    from jupyter_core.paths import jupyter_config_dir
    from jupyter_server.services.config.manager import ConfigManager

    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    Preferences(jupyter_config_dir()).write({"share_auth": True})
    manager = ConfigManager()
    assert manager.get("jupyter_agentauth")["share_auth"] is True


@pytest.mark.parametrize(
    "stored", ['{"share_auth": "yes"}', '{"share_auth": 1}', "[]", '{"sha', ""]
)
def test_what_is_not_valid_is_the_default_and_said_once(preferences, stored, caplog):
    preferences.path.parent.mkdir(parents=True)
    preferences.path.write_text(stored)
    with caplog.at_level(logging.WARNING):
        assert preferences.read() == {}
        assert preferences.read() == {}
    assert len(caplog.records) == 1


def test_a_torn_file_is_kept_aside_when_a_choice_is_made(preferences):
    preferences.path.parent.mkdir(parents=True)
    preferences.path.write_text('{"share')
    preferences.write({"share_auth": True})
    assert preferences.read() == {"share_auth": True}
    assert preferences.path.with_suffix(".json.torn").read_text() == '{"share'


def test_keys_of_others_stay(preferences):
    preferences.path.parent.mkdir(parents=True)
    preferences.path.write_text('{"theirs": [1]}')
    preferences.write({"share_auth": True})
    assert json.loads(preferences.path.read_text()) == {"theirs": [1], "share_auth": True}


def test_writers_at_once_lose_nothing_and_readers_never_see_half(preferences, tmp_path):
    def write(number: int) -> None:
        Preferences(str(tmp_path / "config")).write({f"key{number}": number})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if preferences.path.exists():
            json.loads(preferences.path.read_text())
    assert len(json.loads(preferences.path.read_text())) == 16


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "config").write_text("a file")
    with pytest.raises(Conflict, match="could not be saved"):
        Preferences(str(tmp_path / "config")).write({"share_auth": True})


def test_what_is_carried_is_kept_by_worktree_and_forgotten_with_it(preferences):
    preferences.write({"share_auth": True})
    for source in ("/main/.env", "/main/data", "/main/.env"):
        preferences.carry("/a", source)
    preferences.carry("/b", "/main/.env")
    assert preferences.carried("/a") == ["/main/.env", "/main/data"]
    preferences.forget_carried("/a", "/main/.env")
    assert preferences.carried("/a") == ["/main/data"]
    preferences.forget_carried("/a")
    preferences.forget_carried("/a")
    assert preferences.read() == {"share_auth": True, "carried": {"/b": ["/main/.env"]}}


@pytest.mark.parametrize(
    "carried", [[], {"/a": "/b"}, {"/a": [1]}, {"/a": ["b"]}, {"a": []}, {"/a": ["/b/../c"]}]
)
def test_a_record_of_what_is_carried_that_is_not_valid_is_none_and_kept_aside(preferences, carried):
    preferences.write({"carried": carried})
    assert preferences.carried("/a") == []
    preferences.carry("/a", "/main/.env")
    assert preferences.carried("/a") == ["/main/.env"]
    assert any("torn" in kept.name for kept in preferences.path.parent.iterdir())


def test_two_that_carry_at_once_lose_nothing(preferences, tmp_path):
    def carry(number: int) -> None:
        Preferences(str(tmp_path / "config")).carry(f"/{number % 2}", f"/main/{number}")

    threads = [threading.Thread(target=carry, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(preferences.carried("/0")) == len(preferences.carried("/1")) == 8
