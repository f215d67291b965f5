"""Several accounts of one agent: made by being used, apart, and gone after signing out."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_line import FAKE_KEY
from conformance_terminal import Terminal
from waiting import wait_until

from jupyter_agentauth.commands import make_service

LOGIN = ("--", "login", "--with-api-key")
STATUS = ("--", "login", "status")


@pytest.fixture
def store(home) -> Path:
    return Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"


@pytest.fixture
def profiles(agentauth):
    """Return an agent's profiles as ``agents --json`` gives them: signed in or not, by name."""

    def listed(agent: str) -> dict[str, bool]:
        [entry] = [
            a for a in json.loads(agentauth("agents", "--json").stdout) if a["name"] == agent
        ]
        return {profile["name"]: profile["signed_in"] for profile in entry["profiles"]}

    return listed


def test_a_profile_is_listed_for_the_agent_that_used_it_until_it_signs_out(
    agentauth, repository, image, profiles, store
):
    run = ("run", "codex", "--share", "--worktree", str(repository))
    assert profiles("codex") == {"default": False}
    done = agentauth(*run, "--profile", "work", *LOGIN, stdin=FAKE_KEY)
    assert done.returncode == 0, done.stderr

    assert profiles("codex") == {"default": False, "work": True}
    assert profiles("claude") == {"default": False}
    assert "default, work" in agentauth("agents").stdout
    assert agentauth(*run, *STATUS).returncode != 0
    assert agentauth(*run, "--profile", "home", *STATUS).returncode != 0
    assert agentauth(*run, "--profile", "work", *STATUS).returncode == 0

    done = agentauth("logout", "codex", "--profile", "work", "--yes")
    assert done.returncode == 0, done.stderr
    assert "the profile work" in done.stdout
    assert "work" not in profiles("codex")
    assert not (store / "@work").exists()
    assert agentauth(*run, "--profile", "work", *STATUS).returncode != 0


def test_a_profile_without_a_sign_in_is_listed_as_such(
    agentauth, repository, image, profiles, store
):
    run = ("run", "codex", "--share", "--worktree", str(repository), "--profile", "work")
    assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
    done = agentauth(*run, "--", "logout")
    assert done.returncode == 0, done.stderr
    assert [path for path in (store / "@work").rglob("*") if path.is_file()]
    assert profiles("codex") == {"default": False, "work": False}


def test_a_running_agents_directories_stay_and_a_new_sign_in_there_reaches_the_store(
    agentauth, repository, image, profiles, store, containers
):
    run = ("run", "codex", "--share", "--worktree", str(repository), "--profile", "work")
    assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
    credentials = store / "@work" / "codex" / ".codex" / "auth.json"
    mounted = credentials.parent.stat().st_ino
    with Terminal([*agentauth.argv, *run]):
        wait_until(lambda: [c for c in containers() if c.state == "running"])
        [container] = containers()

        done = agentauth("logout", "codex", "--profile", "work", "--yes")
        assert done.returncode == 0, done.stderr
        assert container.labels["session"] in done.stderr
        assert not credentials.exists()
        assert not profiles("codex").get("work")
        assert credentials.parent.stat().st_ino == mounted

        login = ["docker", "exec", "--interactive", container.id, "codex", *LOGIN[1:]]
        subprocess.run(login, input=FAKE_KEY, text=True, capture_output=True, check=True)
        assert FAKE_KEY in credentials.read_text()
        assert profiles("codex")["work"]
    wait_until(lambda: not containers())
    assert agentauth(*run, *STATUS).returncode == 0

    assert agentauth("logout", "codex", "--profile", "work", "--yes").returncode == 0
    assert profiles("codex") == {"default": False}
    assert not (store / "@work").exists()


def test_signing_out_everywhere_leaves_an_empty_store(agentauth, repository, image, store):
    run = ("run", "codex", "--share", "--worktree", str(repository))
    for profile in ("default", "work"):
        done = agentauth(*run, "--profile", profile, *LOGIN, stdin=FAKE_KEY)
        assert done.returncode == 0, done.stderr
    assert agentauth("logout", "--all", "--profile", "work", "--yes").returncode == 2
    assert (store / "@work" / "codex" / ".codex" / "auth.json").exists()
    assert agentauth("logout", "--all", "--yes").returncode == 0
    assert list(store.iterdir()) == []


def test_a_session_that_uses_another_store_keeps_nothing_in_this_one(
    agentauth, repository, image, store, containers, tmp_path
):
    run = ("run", "codex", "--share", "--worktree", str(repository), "--profile", "work")
    other = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "other")}
    with subprocess.Popen(
        [*agentauth.argv, *run, "--", "app-server"], stdin=subprocess.PIPE, env=other
    ) as running:
        wait_until(lambda: [c for c in containers() if c.state == "running"])
        assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
        done = agentauth("logout", "codex", "--profile", "work", "--yes")
        assert done.returncode == 0, done.stderr
        assert not (store / "@work").exists()
        assert running.poll() is None
        running.terminate()


def test_without_an_engine_signing_out_deletes_the_sign_in_and_keeps_the_directories(
    agentauth, repository, image, store, profiles
):
    run = ("run", "codex", "--share", "--worktree", str(repository), "--profile", "work")
    assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
    nowhere = "unix:///nowhere/docker.sock"
    done = agentauth("logout", "codex", "--profile", "work", "--yes", DOCKER_HOST=nowhere)
    assert done.returncode == 0, done.stderr
    assert profiles("codex") == {"default": False}
    assert [p for p in (store / "@work").rglob("*") if not p.is_dir()] == []
    assert (store / "@work" / "codex" / ".codex").is_dir()


def test_a_launch_never_finds_its_directories_gone_by_a_sign_out(
    agentauth, repository, image, containers
):
    """However the two meet: the engine would refuse a mount whose source is missing."""
    service = make_service([])
    run = ("run", "codex", "--share", "--worktree", str(repository), "--profile", "work")
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(agentauth, *run, "--", "--version") for _ in range(9)]
        while not all(run.done() for run in runs):
            service.sign_out("codex", "work")
    for ended in (run.result() for run in runs):
        assert ended.returncode == 0, ended.stderr
        assert "ends with this session" not in ended.stderr


async def test_the_chosen_profile_is_what_every_way_in_takes(
    api, agentauth, repository, image, profiles, store
):
    changed = await api("PATCH", "settings", {"profile": "work"})
    assert changed.json["profile"] == "work"
    planned = await api("POST", "plan", {"agent": "codex", "worktree": str(repository)})
    assert planned.json["profile"] == "work"
    plan = ("plan", "codex", "--json", "--worktree", str(repository))
    assert json.loads(agentauth(*plan).stdout)["profile"] == "work"
    assert json.loads(agentauth(*plan, "--profile", "default").stdout)["profile"] == "default"

    run = ("run", "codex", "--share", "--worktree", str(repository))
    assert agentauth(*run, *LOGIN, stdin=FAKE_KEY).returncode == 0
    assert (store / "@work" / "codex" / ".codex" / "auth.json").is_file()
    assert profiles("codex") == {"default": False, "work": True}
    [codex] = [a for a in (await api("GET", "agents")).json if a["name"] == "codex"]
    assert codex["signed_in"]
    done = agentauth("logout", "codex", "--yes")
    assert done.stdout == "Deleted the sign-in of codex under the profile work.\n"
    assert profiles("codex") == {"default": False, "work": False}  # Chosen, used or not.
    assert not (store / "@work").exists()


async def test_a_profile_is_listed_and_removed_by_rest(api, home, image, store):
    async def listed() -> dict[str, list[str]]:
        agents = (await api("GET", "agents")).json
        return {a["name"]: [p["name"] for p in a["profiles"]] for a in agents}

    directory = store / "@work" / "claude" / ".claude"
    directory.mkdir(parents=True)
    (directory / ".credentials.json").write_text("{}")
    assert (await listed())["claude"] == ["default", "work"]
    assert (await listed())["codex"] == ["default"]
    assert (await api("DELETE", "agents/claude/auth?profile=work")).status == 204
    assert (await listed())["claude"] == ["default"]
    assert not (store / "@work").exists()


async def test_a_session_of_the_server_keeps_its_directories_until_it_is_stopped(
    api, repository, image, store, containers
):
    body = {
        "agent": "codex",
        "worktree": str(repository),
        "profile": "work",
        "share_auth": True,
        "args": ["app-server"],
    }
    opened = await api("POST", "sessions", body)
    assert opened.status == 201, opened.json
    directory = store / "@work" / "codex" / ".codex"
    mounted = directory.stat().st_ino
    assert (await api("DELETE", "agents/codex/auth?profile=work")).status == 204
    assert directory.stat().st_ino == mounted
    assert (await api("DELETE", f"sessions/{opened.json['id']}")).status == 204
    assert (await api("DELETE", "agents/codex/auth?profile=work")).status == 204
    assert not (store / "@work").exists()
