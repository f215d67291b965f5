"""What is carried along into a new worktree: copied, or mounted read-only in its sessions."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from command_line import git
from jupyter_core.paths import jupyter_config_dir
from openapi import check

from jupyter_agentauth.config import AgentAuth
from jupyter_agentauth.docker_run import docker_run_argv
from jupyter_agentauth.preferences import Preferences
from jupyter_agentauth.requests import LaunchRequest
from jupyter_agentauth.service import AgentAuthService


@pytest.fixture
def carry(api, repository):
    """Make a worktree with files along: ``await carry(".env", "mount")`` → path, warnings."""

    async def call(path: str, how: str, branch: str = "topic"):
        asked = {"repo": str(repository), "branch": branch, "carry": [{"path": path, "how": how}]}
        reply = await api("POST", "worktrees", asked)
        assert reply.status == 201, reply.json
        check(reply, "POST", "/worktrees")
        return Path(reply.json["path"]), reply.json["warnings"]

    return call


@pytest.fixture
def environment(repository):
    """An ignored ``.env`` in the main worktree."""
    (repository / ".env").write_text("KEY=1\n")
    (repository / ".env").chmod(0o640)
    (repository / ".git" / "info" / "exclude").write_text("/.env\n/data/")
    return repository / ".env"


@pytest.fixture
def shell(agentauth, image):
    """Run a script by ``sh`` in the same walls as an agent."""

    def run(worktree: Path, script: str):
        return agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)

    return run


def mounts(launch: dict) -> dict[str, bool]:
    return {m["target"]: m["read_only"] for m in launch["mounts"] if m["purpose"] == "extra"}


def remembered() -> dict[str, list[str]]:
    path = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "serverconfig" / "jupyter_agentauth.json"
    return json.loads(path.read_text()).get("carried", {}) if path.exists() else {}


async def test_a_copied_file_is_the_worktrees_own(carry, environment, shell):
    worktree, warnings = await carry(".env", "copy")
    assert warnings == []
    assert (worktree / ".env").stat().st_mode & 0o777 == 0o640
    done = shell(worktree, "cat .env; echo KEY=2 > .env")
    assert done.stdout == "KEY=1\n", done.stderr
    assert (worktree / ".env").read_text() == "KEY=2\n"
    assert environment.read_text() == "KEY=1\n"
    assert git(worktree, "status", "--porcelain") == ""


async def test_a_mounted_file_is_read_on_both_sides_and_written_on_one(carry, environment, shell):
    worktree, warnings = await carry(".env", "mount")
    assert warnings == []
    assert (worktree / ".env").read_text() == "KEY=1\n"
    environment.write_text("KEY=2\n")
    done = shell(
        worktree,
        f"cat .env; echo x > .env; rm -f {environment}; mv {environment} {environment}.x;"
        f"ls -A {environment.parent}; git status --short",
    )
    assert done.stdout == "KEY=2\n.env\n.git\n", done.stderr
    assert environment.read_text() == "KEY=2\n"
    assert remembered() == {str(worktree): [str(environment)]}


async def test_a_session_of_the_server_has_it_too_and_the_plan_says_so(
    api, carry, environment, open_session, terminal
):
    worktree, _ = await carry(".env", "mount")
    launch = (await api("POST", "plan", {"agent": "sh", "worktree": str(worktree)})).json
    assert mounts(launch) == {str(environment): True}
    session = await open_session("sh", worktree)
    client = await terminal(session["terminal"])
    await client.type("cat .env\r")
    await client.until("KEY=1")


async def test_a_directory_is_carried_either_way_with_what_is_in_it(carry, environment, shell):
    data = environment.parent / "data"
    (data / "deep").mkdir(parents=True)
    (data / "deep" / "run").write_text("#!/bin/sh\necho ran\n")
    (data / "deep" / "run").chmod(0o755)
    (data / "link").symlink_to("deep/run")
    (data / "out").symlink_to("/etc/passwd")
    os.mkfifo(data / "pipe")
    for how in ("copy", "mount"):
        worktree, warnings = await carry("data", how, how)
        assert warnings == (["Not copied: data/pipe (no file)."] if how == "copy" else [])
        assert shell(worktree, "data/link").stdout == "ran\n"
        assert os.readlink(worktree / "data" / "out") == "/etc/passwd"
        # The rule `/data/` is for directories, and the link is none.
        assert git(worktree, "status", "--porcelain") == ""
    assert shell(worktree, "touch data/new").returncode != 0


async def test_a_link_that_an_agent_made_is_not_mounted(api, carry, environment, shell, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret-word")
    worktree, _ = await carry(".env", "mount")
    shell(worktree, f"rm .env; ln -s {secret} .env; ln -s {secret} more")
    launch = (await api("POST", "plan", {"agent": "sh", "worktree": str(worktree)})).json
    assert mounts(launch) == {str(environment): True}
    assert "secret-word" not in shell(worktree, "cat .env more").stdout


@pytest.mark.parametrize("script", ["rm .env; ln -s {secret} .env", "rm .env; mkfifo .env"])
async def test_a_source_that_an_agent_replaced_is_not_mounted_and_it_is_said(
    api, carry, environment, shell, tmp_path, script
):
    secret = tmp_path / "secret"
    secret.write_text("secret-word")
    worktree, _ = await carry(".env", "mount")
    shell(environment.parent, script.format(secret=secret))
    launch = (await api("POST", "plan", {"agent": "sh", "worktree": str(worktree)})).json
    assert mounts(launch) == {}
    assert any(str(environment) in warning for warning in launch["warnings"])
    done = shell(worktree, "cat .env; echo fine")
    assert done.stdout == "fine\n"
    assert str(environment) in done.stderr


async def test_a_source_that_is_replaced_while_a_session_begins_ends_it_before_the_agent(
    carry, environment, home, image, tmp_path
):
    worktree, _ = await carry(".env", "mount")
    service = AgentAuthService(AgentAuth(), Preferences(jupyter_config_dir()), str(worktree))
    launch = service.launch(LaunchRequest("sh", ("-c", "cat .env"), tty=False))
    environment.unlink()
    environment.symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text("secret-word")
    process = await asyncio.create_subprocess_exec(
        *docker_run_argv(launch), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, said = await process.communicate()
    service.engine.close()
    assert process.returncode == 1
    assert b"was replaced meanwhile" in said
    assert b"secret-word" not in output


@pytest.mark.parametrize(
    "stored",
    [
        {"{worktree}": ["/etc/passwd"]},
        {"{worktree}": ["{main}/.git/config"]},
        {"{worktree}": ["{main}/.git"]},
        {"{worktree}": ["{main}"]},
        {"{worktree}": ["{main}/../a/readme.txt"]},
        {"{worktree}": ["{main}/link/file"]},
        {"{worktree}": ["{main}/nowhere"]},
        {"{worktree}": "{main}/readme.txt"},
        {"{worktree}": [1]},
        ["{main}/readme.txt"],
    ],
)
async def test_a_record_that_somebody_else_wrote_is_not_believed(
    api, repository, home, tmp_path, stored
):
    (tmp_path / "file").write_text("x")
    (repository / "link").symlink_to(tmp_path)
    worktree = repository.parent / "a"
    text = json.dumps({"carried": stored})
    text = text.replace("{worktree}", str(worktree)).replace("{main}", str(repository))
    path = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "serverconfig" / "jupyter_agentauth.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    launch = await api("POST", "plan", {"agent": "sh", "worktree": str(worktree)})
    assert launch.status == 200
    assert mounts(launch.json) == {}


async def test_nothing_is_written_through_a_link_that_a_branch_brings(
    carry, repository, shell, tmp_path
):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "taken").write_text("theirs")
    (repository / "config").mkdir()
    (repository / "config" / "local").write_text("ours")
    (repository / "taken").write_text("ours")
    other = repository.parent / "a"
    (other / "config").symlink_to(outside)
    (other / "taken").symlink_to(outside / "taken")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message=links")
    git(repository, "branch", "linked", "a")
    git(repository, "branch", "linked-too", "a")
    for branch, how in (("linked", "copy"), ("linked-too", "mount")):
        worktree, warnings = await carry("config/local", how, branch)
        assert len(warnings) == 1
        assert "config/local was not carried along" in warnings[0]
        assert sorted(path.name for path in outside.iterdir()) == ["taken"]
    git(repository, "worktree", "remove", "--force", str(worktree))
    _, warnings = await carry("taken", "copy", "linked-too")
    assert warnings == ["Not copied: taken (there already)."]
    assert (outside / "taken").read_text() == "theirs"
    assert remembered() == {}


@pytest.mark.parametrize("how", ["copy", "mount"])
async def test_what_cannot_be_carried_is_a_warning_and_the_worktree_is_there(
    carry, repository, how, tmp_path
):
    git(repository, "worktree", "add", "--quiet", "-b", "x", str(repository / "trees" / "x"))
    (repository / "away").symlink_to(tmp_path)
    (tmp_path / "file").write_text("x")
    for number, path in enumerate(["nowhere", "away/file", "readme.txt", "trees"]):
        worktree, warnings = await carry(path, how, f"topic-{number}")
        assert (worktree / "readme.txt").read_text() == "hello\n"
        assert len(warnings) == 1, path
        assert "\n" not in warnings[0]
    assert remembered() == {}


async def test_what_was_carried_is_forgotten_with_the_worktree_and_stays_where_it_was(
    api, carry, environment
):
    worktree, _ = await carry(".env", "mount")
    assert remembered()
    reply = await api("DELETE", f"worktrees?path={worktree}")
    assert reply.status == 204, reply.json
    assert remembered() == {}
    assert environment.read_text() == "KEY=1\n"
    again, warnings = await carry(".env", "copy")
    assert (again, warnings) == (worktree, [])


async def test_an_odd_name_is_carried_as_itself(carry, repository, shell):
    for number, name in enumerate(['a b,"c', "*[x]\\?", ":top", "!ü ", "#$(x)`y'"]):
        (repository / name).write_text("inside")
        worktree, warnings = await carry(name, "mount", f"topic-{number}")
        assert warnings == []
        assert shell(worktree, 'for f in *; do test -h "$f" && cat "$f"; done').stdout == "inside"
        assert git(worktree, "status", "--porcelain") == ""
