from __future__ import annotations

import json
import os
import threading

import pytest

from jupyter_agentauth import first_run
from jupyter_agentauth.authstore import AuthStore, StoreError
from jupyter_agentauth.first_run import answer_first_questions


@pytest.fixture
def store(tmp_path):
    return AuthStore(str(tmp_path / "store"))


@pytest.fixture
def state(store):
    """Claude Code's own file, in a store that has its directory."""
    store.ensure_directory(str(store.root / "claude" / ".claude"))
    return store.root / "claude" / ".claude" / ".claude.json"


def answer(store, worktree="/src/wt"):
    answer_first_questions("claude", store, str(store.root / "claude"), worktree)


def test_only_the_sessions_own_worktree_is_trusted(store, state):
    answer(store)
    stored = json.loads(state.read_text())
    assert stored["hasCompletedOnboarding"] is True
    assert stored["projects"] == {"/src/wt": {"hasTrustDialogAccepted": True}}


def test_what_the_agent_wrote_stays(store, state):
    theirs = {"userID": "u", "projects": {"/src/wt": {"mcpServers": {"x": {}}}, "/other": {}}}
    state.write_text(json.dumps(theirs))
    answer(store)
    stored = json.loads(state.read_text())
    assert stored["userID"] == "u"
    assert stored["projects"]["/src/wt"]["mcpServers"] == {"x": {}}
    assert stored["projects"]["/other"] == {}


def test_an_answered_question_is_not_written_again(store, state):
    answer(store)
    before = state.stat()
    answer(store)
    assert state.stat() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"projects": []}', "[" * 100_000])
def test_a_file_of_another_form_is_left_as_it_is(store, state, text):
    state.write_text(text)
    with pytest.raises(StoreError):
        answer(store)
    assert state.read_text() == text
    assert not os.path.lexists(f"{state}.lock")


def test_a_link_in_its_place_is_not_followed(store, state, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("{}")
    state.symlink_to(outside)
    with pytest.raises(StoreError):
        answer(store)
    assert outside.read_text() == "{}"


def test_a_lock_that_a_running_agent_holds_is_waited_for(store, state):
    lock = state.with_name(".claude.json.lock")
    lock.mkdir()
    release = threading.Timer(0.2, lock.rmdir)
    release.start()
    answer(store)
    release.join()
    assert json.loads(state.read_text())["hasCompletedOnboarding"]


def test_a_lock_that_stays_costs_the_answer_and_nothing_else(store, state, monkeypatch):
    monkeypatch.setattr(first_run, "_PATIENCE", 0.1)
    state.with_name(".claude.json.lock").mkdir()
    with pytest.raises(StoreError, match="running agent"):
        answer(store)
    assert not state.exists()


def test_a_lock_of_an_agent_that_was_killed_is_taken_away(store, state):
    lock = state.with_name(".claude.json.lock")
    lock.mkdir()
    os.utime(lock, (1, 1))
    answer(store)
    assert state.exists()
    assert not lock.exists()


def test_an_agent_that_asks_nothing_gets_nothing(store):
    answer_first_questions("codex", store, str(store.root / "codex"), "/src/wt")
    assert not store.root.exists()
