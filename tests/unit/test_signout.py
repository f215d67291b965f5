from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from jupyter_agentauth.authstore import AuthStore, StoreError
from jupyter_agentauth.known_agents import BUILT_IN, Agent
from jupyter_agentauth.profiles import profiles
from jupyter_agentauth.signout import sign_out, sign_out_everywhere

CODEX = BUILT_IN["codex"]
MINE = Agent(
    "mycli", ("mycli",), auth_dirs=(".mycli",), auth_files={".mycli/rc": "seed", ".netrc": "seed"}
)


@pytest.fixture
def store(tmp_path):
    return AuthStore(str(tmp_path / "data" / "agentauth"))


def nobody(agent: str, profile: str) -> list[str]:
    return []


def someone(agent: str, profile: str) -> list[str]:
    return ["0123456789ab"]


def unknown(agent: str, profile: str) -> None:
    return None


def left(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_signing_out_deletes_one_profile_and_no_other(store):
    for root in ("codex", "@work/codex", "@work/claude"):
        store.ensure_file(f"{store.root}/{root}/.codex/auth.json", "secret")
    assert sign_out(store, CODEX, "work", nobody) == []
    assert not (store.root / "@work" / "codex").exists()
    assert (store.root / "@work" / "claude" / ".codex" / "auth.json").exists()
    assert (store.root / "codex" / ".codex" / "auth.json").read_text() == "secret"


def test_the_last_agent_of_a_profile_takes_the_profile_with_it(store):
    store.ensure_file(f"{store.root}/@work/codex/.codex/auth.json", "secret")
    sign_out(store, CODEX, "work", nobody)
    assert left(store.root) == {"VERSION"}
    sign_out(store, CODEX, "work", nobody)
    sign_out(store, CODEX, "never-used", nobody)


@pytest.mark.parametrize("users", [someone, unknown])
def test_directories_that_a_container_may_have_mounted_stay_the_same_and_empty(store, users):
    directory = store.root / "@work" / "codex" / ".codex"
    store.ensure_file(str(directory / "auth.json"), "secret")
    mounted = directory.stat().st_ino
    assert sign_out(store, CODEX, "work", users) == (users("codex", "work") or [])
    assert directory.stat().st_ino == mounted
    assert list(directory.iterdir()) == []


def test_directories_of_a_launch_under_way_stay_until_it_lets_go(store):
    directory = store.root / "@work" / "codex" / ".codex"
    held = store.hold(str(directory.parent))
    store.ensure_directory(str(directory))
    sign_out(store, CODEX, "work", nobody)
    assert directory.is_dir()
    os.close(held)
    sign_out(store, CODEX, "work", nobody)
    assert not directory.exists()


def test_launches_and_sign_outs_at_once_leave_every_launch_its_directory(store):
    directory = store.root / "@work" / "codex" / ".codex"
    done = threading.Event()
    failures = []

    def sign_out_again_and_again() -> None:
        while not done.is_set():
            try:
                sign_out(store, CODEX, "work", nobody)
            except StoreError as error:
                failures.append(error.message)

    threads = [threading.Thread(target=sign_out_again_and_again) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(300):
            held = store.hold(str(directory.parent))
            store.ensure_directory(str(directory))
            assert directory.is_dir()
            assert os.path.samestat(os.fstat(held), directory.parent.stat())
            os.close(held)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_file_that_a_container_has_mounted_by_itself_gets_its_first_text_again(store):
    file = store.root / "mycli" / ".netrc"
    store.ensure_file(str(file), "seed")
    file.write_text("a much longer secret")
    mounted = file.stat().st_ino
    sign_out(store, MINE, "default", someone)
    assert (file.read_text(), file.stat().st_ino) == ("seed", mounted)
    sign_out(store, MINE, "default", nobody)
    assert left(store.root) == {"VERSION"}


def test_signing_out_leaves_nothing_behind_a_closed_directory_or_a_link(store, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("x")
    root = store.root / "codex" / ".codex"
    store.ensure_file(str(root / "closed" / "auth.json"), "secret")
    (root / "closed").chmod(0)
    (root / "link").symlink_to(outside)
    sign_out(store, CODEX, "default", someone)
    assert left(store.root) == {"VERSION", "codex", "codex/.codex", "codex/.codex/closed"}
    assert (outside / "keep").exists()


def test_signing_out_behind_a_planted_link_is_refused(store, tmp_path):
    outside = tmp_path / "outside"
    (outside / "codex").mkdir(parents=True)
    (outside / "codex" / "keep").write_text("x")
    store.ensure_directory(str(store.root))
    (store.root / "@work").symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        sign_out(store, CODEX, "work", nobody)
    assert (outside / "codex" / "keep").exists()
    assert profiles(store, CODEX, "default") == ["default"]


def test_signing_out_everywhere_empties_the_store_and_follows_no_link(store, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("x")
    for root in ("codex", "@work/codex", "@work/unknown", "Odd Name"):
        store.ensure_file(f"{store.root}/{root}/.codex/auth.json", "secret")
    store.ensure_file(f"{store.root}/@work/stray", "secret")
    (store.root / "codex" / "link").symlink_to(outside)
    (store.root / "link").symlink_to(outside)
    assert sign_out_everywhere(store, BUILT_IN, nobody) == []
    assert list(store.root.iterdir()) == []
    assert (outside / "keep").exists()


def test_signing_out_everywhere_keeps_what_is_mounted_and_empties_it(store):
    store.ensure_file(f"{store.root}/@work/codex/.codex/auth.json", "secret")

    def codex(agent: str, profile: str) -> list[str]:
        return ["0123456789ab"] if (agent, profile) == ("codex", "work") else []

    store.ensure_file(f"{store.root}/claude/.claude/.credentials.json", "secret")
    assert sign_out_everywhere(store, BUILT_IN, codex) == ["0123456789ab"]
    assert left(store.root) == {"@work", "@work/codex", "@work/codex/.codex"}


def test_a_profile_is_an_agents_once_the_agent_has_stored_something(store):
    store.ensure_directory(f"{store.root}/@empty/codex/.codex")
    store.ensure_file(f"{store.root}/@work/codex/.codex/history.jsonl", "x")
    store.ensure_file(f"{store.root}/@home/claude/.claude/.credentials.json", "x")
    assert profiles(store, CODEX, "default") == ["default", "work"]
    assert profiles(store, BUILT_IN["claude"], "chosen") == ["default", "chosen", "home"]
    assert profiles(store, BUILT_IN["gemini"], "work") == ["default", "work"]


def test_a_file_that_still_has_its_first_text_makes_no_profile(store):
    for path, seed in MINE.auth_files.items():
        store.ensure_file(f"{store.root}/@work/mycli/{path}", seed)
    assert profiles(store, MINE, "default") == ["default"]
    (store.root / "@work" / "mycli" / ".netrc").write_text("secret")
    assert profiles(store, MINE, "default") == ["default", "work"]
