"""The main promise: a sign-in made in one container holds in the next."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from command_line import FAKE_KEY

LOGIN = ("--", "login", "--with-api-key")
STATUS = ("--", "login", "status")


def test_a_sign_in_made_in_one_container_holds_in_the_next(agentauth, repository, image):
    a, b = repository.parent / "a", repository.parent / "b"
    login = agentauth("run", "codex", "--worktree", str(a), "--share", *LOGIN, stdin=FAKE_KEY)
    assert login.returncode == 0, login.stderr
    assert "Agent credentials are shared across containers." in login.stderr

    second = agentauth("run", "codex", "--worktree", str(b), "--share", *STATUS)
    assert second.returncode == 0, second.stderr
    assert "API key configured" in second.stdout + second.stderr

    without = agentauth("run", "codex", "--worktree", str(b), "--no-share", *STATUS)
    assert without.returncode != 0
    assert "shared across" not in without.stderr

    again = agentauth("run", "codex", "--worktree", str(a), "--share", *STATUS)
    assert again.returncode == 0


def test_a_profile_has_a_sign_in_of_its_own_and_signing_out_ends_only_that(
    agentauth, repository, image
):
    run = ("run", "codex", "--share", "--worktree", str(repository))
    assert agentauth(*run, "--profile", "work", *LOGIN, stdin=FAKE_KEY).returncode == 0
    assert agentauth(*run, *STATUS).returncode != 0
    assert agentauth(*run, "--profile", "work", *STATUS).returncode == 0
    assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
    assert agentauth("logout", "codex", "--yes").returncode == 0
    assert agentauth(*run, *STATUS).returncode != 0
    assert agentauth(*run, "--profile", "work", *STATUS).returncode == 0


def test_the_store_is_private_also_under_umask_000_and_after_an_agent_wrote_to_it(
    agentauth, repository, image
):
    before = os.umask(0)
    try:
        run = ("run", "codex", "--share", "--worktree", str(repository))
        assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
        assert agentauth(*run, *STATUS).returncode == 0
    finally:
        os.umask(before)
    store = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"
    assert (store / "codex" / ".codex" / "auth.json").is_file()
    for directory, _, files in os.walk(store):
        assert stat.S_IMODE(os.lstat(directory).st_mode) == 0o700
        for name in files:
            status = os.lstat(os.path.join(directory, name))
            assert status.st_uid == os.getuid()
            # Codex keeps links to itself there; a link's own mode says nothing.
            assert stat.S_ISLNK(status.st_mode) or not status.st_mode & 0o077


def test_the_key_stands_in_no_output_and_nowhere_but_in_the_store(agentauth, repository, image):
    run = ("run", "codex", "--share", "--worktree", str(repository))
    login = agentauth(*run, *LOGIN, stdin=FAKE_KEY)
    told = [login, agentauth("agents", "--json"), agentauth("doctor", "--json")]
    told.append(agentauth("plan", "codex", "--share", "--json", OPENAI_API_KEY=FAKE_KEY))
    assert all(FAKE_KEY not in done.stdout + done.stderr for done in told)
    store = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"
    home = Path(os.environ["HOME"])
    found = [
        p
        for p in home.parent.rglob("*")
        if p.is_file() and FAKE_KEY in p.read_bytes().decode("latin1")
    ]
    assert found == [store / "codex" / ".codex" / "auth.json"]


@pytest.mark.parametrize("planted", ["", "codex", "codex/.codex"])
def test_a_planted_symlink_is_refused_and_the_agent_still_starts(
    agentauth, repository, image, tmp_path, planted
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth" / planted
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere)
    run = agentauth("run", "codex", "--share", "--worktree", str(repository), "--", "--version")
    assert run.returncode == 0, run.stderr
    assert "symbolic link" in run.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_store_that_cannot_be_made_costs_the_sharing_and_not_the_agent(
    agentauth, repository, image
):
    data = Path(os.environ["JUPYTER_DATA_DIR"])
    data.mkdir(parents=True, exist_ok=True)
    (data / "agentauth").write_text("in the way")
    run = agentauth("run", "codex", "--share", "--worktree", str(repository), "--", "--version")
    assert run.returncode == 0, run.stderr
    assert "ends with this session" in run.stderr


def test_without_sharing_nothing_is_written_to_the_store(agentauth, repository, image):
    agentauth("run", "codex", "--worktree", str(repository), *LOGIN, stdin=FAKE_KEY)
    assert not (Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth").exists()
