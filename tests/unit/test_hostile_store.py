"""What an agent leaves in its shared directory costs its own status, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_agentauth.authstore import AuthStore, StoreError
from jupyter_agentauth.first_run import answer_first_questions
from jupyter_agentauth.known_agents import BUILT_IN, Agent
from jupyter_agentauth.profiles import profiles
from jupyter_agentauth.signin import sign_in
from jupyter_agentauth.signout import sign_out, sign_out_everywhere

#: Of the processor, not of the clock. Far more than any of it takes; what was quadratic took 17 s.
PROCESSOR_SECONDS = 3.0

#: The file of each agent that is read whenever the agents are listed.
READ = {
    "claude": ".claude/.credentials.json",
    "codex": ".codex/auth.json",
    "gemini": ".gemini/settings.json",
    "opencode": ".local/share/opencode/auth.json",
    "copilot": ".copilot/config.json",
}

LARGE = {
    "a deep list": b"[" * 3000 + b"]" * 3000,
    "a deep object": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "many values": b"[" + b"[]," * 200_000 + b"0]",
    "many keys": json.dumps({str(n): n for n in range(60_000)}).encode(),
    "9 MB": b" " * 9_000_000 + b"{}",
}

COMMENTS = {
    "comments that never end": b"/*a" * 40_000,
    "more of them": b"{" + b"/*a" * 300_000,
    "strings that never end": b'\\"' * 100_000,
    "comments alone": b"/**/" * 300_000,
}


@pytest.fixture
def store(tmp_path: Path) -> AuthStore:
    return AuthStore(str(tmp_path / "store"))


@pytest.fixture(autouse=True)
def little_time():
    began = time.process_time()
    yield
    assert time.process_time() - began < PROCESSOR_SECONDS


def directory_of(store: AuthStore, agent: str) -> Path:
    path = store.root / agent / BUILT_IN[agent].auth_dirs[0]
    store.ensure_directory(str(path))
    return path


def write(store: AuthStore, agent: str, file: str, content: bytes) -> Path:
    path = store.root / agent / file
    store.ensure_directory(str(path.parent))
    path.write_bytes(content)
    return path


def nobody(agent: str, profile: str) -> list[str]:
    return []


def someone(agent: str, profile: str) -> list[str]:
    return ["0123456789ab"]


@pytest.mark.parametrize("agent", READ)
@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_of_a_file_that_no_cli_writes_it_is_said_that_nothing_can_be_determined(
    store, agent, content
):
    write(store, agent, READ[agent], content)
    state = sign_in(store, BUILT_IN[agent], "default")
    assert state.signed_in is None
    assert "can't be determined" in state.problem
    assert state.to_json("default")["problem"] == state.problem


@pytest.mark.parametrize(
    ("agent", "file"), [("gemini", READ["gemini"]), ("copilot", READ["copilot"])]
)
@pytest.mark.parametrize("content", COMMENTS.values(), ids=COMMENTS)
def test_comments_cost_no_more_time_than_their_length(store, agent, file, content):
    write(store, agent, file, content)
    assert not sign_in(store, BUILT_IN[agent], "default").signed_in


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _link(path: Path) -> None:
    target = path.parent.parent.parent.parent / "elsewhere"
    target.write_text('{"OPENAI_API_KEY": "k"}')
    path.symlink_to(target)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def _directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_fifo, _link, _sparse, _directory])
def test_what_is_no_file_of_a_sane_size_is_not_read(store, make):
    make(directory_of(store, "codex") / "auth.json")
    state = sign_in(store, BUILT_IN["codex"], "default")
    assert state.signed_in is None
    assert "auth.json" in state.problem
    assert sign_in(store, BUILT_IN["claude"], "default").signed_in is False


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "NaN", "9" * 4299, "9" * 5000, "1" + "0" * 400, "-0.0"]
)
def test_odd_numbers_in_an_expiry_are_no_time(store, number):
    token = {"accessToken": "a", "refreshToken": "r", "scopes": ["user:inference"]}
    text = json.dumps({"claudeAiOauth": token})[:-2] + f', "expiresAt": {number}}}}}'
    write(store, "claude", READ["claude"], text.encode())
    told = sign_in(store, BUILT_IN["claude"], "default").to_json("default")
    json.loads(json.dumps(told, allow_nan=False))
    assert told["signed_in"] is True


def deep(directory: Path, levels: int = 1200) -> None:
    """Make directories in each other, more than Python recurses and than a process has open."""
    here = os.open(directory, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with open(os.open("secret", os.O_WRONLY | os.O_CREAT, dir_fd=here), "w") as file:
        file.write("x")
    os.close(here)


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[AuthStore]:
    """A store where a path of 1,200 directories is walked in no time; not so on an overlay."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    root = tempfile.mkdtemp(dir=memory)
    yield AuthStore(f"{root}/store")
    subprocess.run(["rm", "-rf", root], check=True)  # Python's own ways recurse.


@pytest.fixture
def tree(in_memory: AuthStore) -> AuthStore:
    """A signed-in agent with 1,200 directories in each other beside its sign-in."""
    store = in_memory
    write(store, "codex", READ["codex"], b'{"OPENAI_API_KEY": "k"}')
    deep(store.root / "codex" / ".codex")
    return store


def test_a_deep_tree_keeps_nobody_from_a_launch_or_a_status(tree):
    tree.tighten(str(tree.root / "codex" / ".codex"))
    assert sign_in(tree, BUILT_IN["codex"], "default").signed_in
    custom = Agent("codex", ("codex",), auth_dirs=(".codex",))
    assert sign_in(tree, custom, "default").signed_in
    assert profiles(tree, BUILT_IN["codex"], "default") == ["default"]


def recursively(directory: str) -> int:
    below = (entry for entry in os.scandir(directory) if entry.is_dir())
    return 1 + sum(recursively(entry.path) for entry in below)


def test_the_deep_tree_is_one_that_recursion_fails_on(tree):
    with pytest.raises((RecursionError, OSError)):
        recursively(str(tree.root))


@pytest.mark.parametrize("users", [nobody, someone])
def test_signing_out_deletes_a_deep_tree(tree, users):
    sign_out(tree, BUILT_IN["codex"], "default", users)
    assert not tree.has_file(str(tree.root), "codex", lambda path: True)
    assert (tree.root / "codex").exists() is (users is someone)


def test_signing_out_everywhere_deletes_a_deep_tree_of_no_agent(in_memory):
    store = in_memory
    odd = store.root / "Odd Name"
    store.ensure_directory(str(odd))
    deep(odd)
    sign_out_everywhere(store, BUILT_IN, nobody)
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize("agent", ["claude", "codex", "gemini", "opencode"])
def test_the_sign_in_goes_first_whoever_else_is_asked(store, agent):
    file = BUILT_IN[agent].credential_files[0]
    path = write(store, agent, file, b"secret")
    there: list[bool] = []

    def users(agent: str, profile: str) -> list[str]:
        there.append(path.exists())
        return []

    sign_out(store, BUILT_IN[agent], "default", users)
    assert there == [False]


@pytest.fixture
def foreign(monkeypatch):
    """Whatever is called so cannot be opened, as a directory that another user made."""
    real = os.open

    def refusing(name, *args, **kwargs):
        if name == "foreign":
            raise PermissionError(13, "Permission denied", name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(os, "open", refusing)


def test_signing_out_everywhere_goes_on_behind_an_agent_that_keeps_something(store, foreign):
    gone = [write(store, name, READ[name], b"secret") for name in ("claude", "codex", "opencode")]
    kept = gone[0].parent / "foreign" / "file"
    kept.parent.mkdir()
    kept.touch()
    with pytest.raises(StoreError, match=r"sign-in is deleted.*foreign"):
        sign_out_everywhere(store, BUILT_IN, nobody)
    assert [path for path in gone if path.exists()] == []
    assert kept.exists()


def test_what_cannot_be_deleted_is_said_when_all_else_is(store, foreign):
    path = write(store, "codex", READ["codex"], b"secret")
    for name in ("a", "foreign", "z"):
        (path.parent / name).mkdir()
        (path.parent / name / "file").write_text("x")
    with pytest.raises(StoreError, match=r"sign-in is deleted.*foreign"):
        sign_out(store, BUILT_IN["codex"], "default", nobody)
    left = {str(p.relative_to(path.parent)) for p in path.parent.rglob("*")}
    assert left == {"foreign", "foreign/file"}


def test_a_look_at_the_profiles_ends_in_a_directory_of_too_many_entries(store, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.storewalk._MOST_SEEN", 50)
    directory = store.root / "@work" / "mycli" / ".mycli"
    store.ensure_directory(str(directory))
    for number in range(60):
        (directory / str(number)).mkdir()
    agent = Agent("mycli", ("mycli",), auth_dirs=(".mycli",))
    assert profiles(store, agent, "default") == ["default", "work"]
    state = sign_in(store, agent, "work")
    assert state.signed_in is None
    assert "more than 50 files" in state.problem


def test_a_launch_makes_a_bounded_number_of_files_private_and_says_so(store, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.storewalk._MOST_TIGHTENED", 50)
    directory = directory_of(store, "codex")
    for number in range(60):
        (directory / str(number)).touch()
    with pytest.raises(StoreError, match="more than 50 files"):
        store.tighten(str(directory))


@pytest.mark.parametrize(
    ("agent", "file", "content"),
    [
        ("codex", ".codex/config.toml", b".".join([b"a"] * 40_000) + b" = 1"),
        ("codex", ".codex/config.toml", b"a = " + b"[" * 5000),
        ("codex", ".codex/config.toml", b"a = 1\n" * 100_000),
        ("claude", ".claude/.claude.json", LARGE["a deep object"]),
        ("claude", ".claude/.claude.json", b"[" + b"[]," * 200_000 + b"0]"),
        ("copilot", ".copilot/config.json", b"{" * 3000),
    ],
)
def test_first_questions_are_not_answered_in_a_file_that_no_cli_writes(store, agent, file, content):
    path = write(store, agent, file, content)
    with pytest.raises(StoreError, match=str(path)):
        answer_first_questions(agent, store, str(store.root / agent), "/src/fix")
    assert path.read_bytes() == content
