from __future__ import annotations

import fcntl
import json
import os
import stat
import sys
import threading

import pytest

from jupyter_agentauth import first_run
from jupyter_agentauth.authstore import AuthStore, StoreError
from jupyter_agentauth.first_run import answer_first_questions, answers_in_new_home, codex, locks
from jupyter_agentauth.first_run.stored import edit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: The file that each answer goes into.
FILES = {
    "claude": ".claude/.claude.json",
    "codex": ".codex/config.toml",
    "copilot": ".copilot/config.json",
}

every_agent = pytest.mark.parametrize("agent", FILES)


@pytest.fixture
def store(tmp_path):
    made = AuthStore(str(tmp_path / "store"))
    for agent, file in FILES.items():
        made.ensure_directory(str((made.root / agent / file).parent))
    return made


def path(store, agent):
    return store.root / agent / FILES[agent]


@pytest.fixture
def state(store):
    return path(store, "claude")


@pytest.fixture
def toml(store):
    return path(store, "codex")


@pytest.fixture
def config(store):
    return path(store, "copilot")


def answer(store, worktree="/src/wt", agent="claude"):
    answer_first_questions(agent, store, str(store.root / agent), worktree)


@every_agent
def test_the_answer_is_private_and_not_written_again(store, agent):
    answer(store, agent=agent)
    before = path(store, agent).stat()
    assert stat.S_IMODE(before.st_mode) == 0o600
    answer(store, agent=agent)
    assert path(store, agent).stat() == before


@every_agent
def test_every_worktree_gets_its_own_answer(store, agent):
    for worktree in ("/src/wt", "/src/w2", '/src/a "b" \\c\td\x7fe'):
        answer(store, worktree, agent)
    text = path(store, agent).read_text()
    if agent == "codex":
        found = list(tomllib.loads(text)["projects"])
    elif agent == "copilot":
        found = json.loads(text)["trustedFolders"]
    else:
        found = list(json.loads(text)["projects"])
    assert found == ["/src/wt", "/src/w2", '/src/a "b" \\c\td\x7fe']


@every_agent
def test_a_link_in_its_place_is_not_followed(store, tmp_path, agent):
    outside = tmp_path / "outside"
    outside.write_text("{}")
    path(store, agent).symlink_to(outside)
    with pytest.raises(StoreError):
        answer(store, agent=agent)
    assert outside.read_text() == "{}"


@every_agent
@pytest.mark.parametrize("there", [True, False], ids=["changed", "made"])
def test_what_an_agent_writes_meanwhile_stays(store, agent, there, monkeypatch):
    """The agent replaces the file after we read it and before we replace it."""
    empty, theirs = ("", "theirs = 1\n") if agent == "codex" else ("{}", '{"theirs": 1}')
    file = path(store, agent)

    def interrupted(store, name, change):
        def changing(text):
            if text in (None, empty):
                file.with_name("theirs").write_text(theirs)
                file.with_name("theirs").rename(file)
            return change(text)

        edit(store, name, changing)

    if there:
        file.write_text(empty)
    monkeypatch.setattr(first_run, "edit", interrupted)
    answer(store, agent=agent)
    assert "/src/wt" in file.read_text()
    assert "theirs" in file.read_text()
    assert not list(file.parent.glob(f".{file.name}.*"))  # No file of ours stays behind.


@every_agent
def test_a_new_home_gets_the_same_answers(store, agent):
    answer(store, agent=agent)
    [(name, text)] = answers_in_new_home(agent, "/src/wt").items()
    assert (name, text) == (FILES[agent], path(store, agent).read_text())


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


@pytest.mark.parametrize("text", ["", "{", "[]", '{"projects": []}', "[" * 100_000])
def test_a_file_of_another_form_is_left_as_it_is(store, state, text):
    state.write_text(text)
    with pytest.raises(StoreError):
        answer(store)
    assert state.read_text() == text
    assert not os.path.lexists(f"{state}.lock")


def test_a_lock_that_a_running_agent_holds_is_waited_for(store, state):
    lock = state.with_name(".claude.json.lock")
    lock.mkdir()
    release = threading.Timer(0.2, lock.rmdir)
    release.start()
    answer(store)
    release.join()
    assert json.loads(state.read_text())["hasCompletedOnboarding"]


def test_a_lock_that_stays_costs_the_answer_and_nothing_else(store, state, monkeypatch):
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
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


@pytest.mark.parametrize("agent", ["gemini", "opencode", "an-agent-of-the-users"])
def test_an_agent_that_asks_nothing_gets_nothing(tmp_path, agent):
    store = AuthStore(str(tmp_path / "empty"))
    answer(store, agent=agent)
    assert not store.root.exists()
    assert answers_in_new_home(agent, "/src/wt") == {}


class TestCodex:
    def test_the_users_settings_stay_byte_for_byte(self, store, toml):
        theirs = b"# mine\r\nmodel = 'x'\n[tui]   # \xc3\xa4\nb = 1\n[projects.\"/o\"]\n# end"
        toml.write_bytes(theirs)
        answer(store, agent="codex")
        ours = b'\n\n[projects."/src/wt"]\ntrust_level = "trusted"\n'
        assert toml.read_bytes() == theirs + ours

    @pytest.mark.parametrize(
        "text",
        [
            '[projects."/src/wt"]\ntrust_level = "untrusted"\n',
            '[projects."/src/wt"]\n',
            'projects."/src/wt".trust_level = "trusted"\n',
            'projects = {"/src/wt" = {trust_level = "trusted"}}\n',
        ],
    )
    def test_what_is_said_of_the_worktree_stays(self, store, toml, text):
        toml.write_text(text)
        answer(store, agent="codex")
        assert toml.read_text() == text

    def test_what_is_said_of_its_repository_holds_for_a_linked_worktree(
        self, store, toml, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(codex, "git", lambda *arguments: f"{tmp_path}/main/.git")
        text = f'[projects."{tmp_path}/main"]\ntrust_level = "untrusted"\n'
        toml.write_text(text)
        answer(store, agent="codex")
        assert toml.read_text() == text

    @pytest.mark.parametrize(
        "text", ["[", "projects = 1\n", "projects = {}\n", "[[projects]]\n", "a = 1\na = 2\n"]
    )
    def test_a_file_that_cannot_be_added_to_is_left_as_it_is(self, store, toml, text):
        toml.write_text(text)
        with pytest.raises(StoreError):
            answer(store, agent="codex")
        assert toml.read_text() == text

    def test_a_name_that_toml_cannot_hold_costs_the_answer_and_nothing_else(self, store, toml):
        with pytest.raises(StoreError):
            answer(store, "/src/\udcff", "codex")
        assert not toml.exists()


class TestCopilot:
    def test_the_sign_in_and_the_lines_above_stay(self, store, config):
        above = "// User settings belong in settings.json.\n// This file is managed.\n"
        theirs = {
            "trustedFolders": ["/other"],
            "authTokens": {"https://github.com:ada": {"token": "gho_x"}},
            "loggedInUsers": [{"host": "https://github.com", "login": "\u00e4"}],
        }
        config.write_text(above + json.dumps(theirs, ensure_ascii=False))
        answer(store, agent="copilot")
        text = config.read_text()
        assert text.startswith(above)
        theirs["trustedFolders"].append("/src/wt")
        assert json.loads(text.removeprefix(above)) == theirs

    @pytest.mark.parametrize(
        "text",
        ["", "//", "// x\n", "// x\n[]", '{"trustedFolders": {}}', '{"a": 1e999}', "{} // x"],
    )
    def test_a_file_of_another_form_is_left_as_it_is(self, store, config, text):
        config.write_text(text)
        with pytest.raises(StoreError):
            answer(store, agent="copilot")
        assert config.read_text() == text

    def test_its_lock_is_waited_for(self, store, config, monkeypatch):
        monkeypatch.setattr(locks, "_PATIENCE", 0.1)
        with open(f"{config}.trusted-folders.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with pytest.raises(StoreError, match="running agent"):
                answer(store, agent="copilot")
            assert not config.exists()
            fcntl.flock(lock, fcntl.LOCK_UN)
            answer(store, agent="copilot")
        assert "/src/wt" in config.read_text()
