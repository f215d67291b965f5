"""What of a repository a session can write, and that it is the one that was planned."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import git
from jupyter_core.paths import jupyter_config_dir

from jupyter_agentauth.config import AgentAuth
from jupyter_agentauth.docker_run import docker_run_argv
from jupyter_agentauth.preferences import Preferences
from jupyter_agentauth.requests import LaunchRequest
from jupyter_agentauth.service import AgentAuthService


@pytest.fixture
def shell(agentauth, image):
    """Run a script by ``sh`` in the same walls as an agent."""

    def run(worktree: Path, script: str):
        return agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)

    return run


def contents(directory: Path) -> dict[str, bytes]:
    """Return what is in a directory and all below it."""
    return {str(p): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def test_a_configuration_that_the_host_replaces_meanwhile_stays_read_only(
    agentauth, repository, image, tmp_path
):
    """Git renames a new file over `config`, at which the kernel detaches what is mounted on it."""
    config = repository / ".git" / "config"
    evil = f'[core]\\n\\tfsmonitor = "touch {tmp_path}/mark; false"\\n'
    script = (
        f"echo ready; read -r go; printf '{evil}' >> {config}; printf '{evil}' > {config}.lock; "
        f"mv -f {config}.lock {config}; git commit -q --allow-empty -m inside && echo committed"
    )
    worktree = repository.parent / "a"
    with subprocess.Popen(
        [*agentauth.argv, "run", "sh", "--worktree", str(worktree), "--", "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as session:  # fmt: skip
        assert session.stdout is not None
        assert session.stdout.readline() == "ready\n", session.communicate()
        git(repository, "config", "some.thing", "new")
        output, said = session.communicate("go\n")
    assert output == "committed\n", said
    assert git(repository, "config", "some.thing") == "new\n"
    assert "fsmonitor" not in config.read_text()
    git(repository, "status")
    assert not (tmp_path / "mark").exists()


@pytest.fixture
def bare_layout(home, repository) -> Path:
    """A directory with a bare repository in it and two worktrees beside that."""
    layout = home / "src" / "p"
    git(home, "clone", "--quiet", "--bare", str(repository), str(layout / ".bare"))
    (layout / ".git").write_text("gitdir: ./.bare\n")
    for name in ("one", "other"):
        git(layout, "worktree", "add", "--quiet", "-b", f"of-{name}", str(layout / name))
    return layout


def test_siblings_in_a_bare_layout_are_out_of_an_agents_reach(shell, bare_layout):
    sibling, part = bare_layout / "other", bare_layout / ".bare" / "worktrees" / "other"
    head = bare_layout / ".bare" / "HEAD"
    before = {**contents(sibling), **contents(part), "HEAD": head.read_bytes()}
    done = shell(
        bare_layout / "one",
        f"git commit -q --allow-empty -m inside; for f in {part}/*; do echo x > $f; done; "
        f"rm -rf {sibling}/* {part}; mkdir -p {sibling} {part}/x; mv {part} {part}2; "
        f"echo evil > {bare_layout}/.bare/HEAD; ls {sibling}",
    )
    assert done.returncode != 0, done.stdout
    assert {**contents(sibling), **contents(part), "HEAD": head.read_bytes()} == before
    assert git(bare_layout / "one", "log", "-1", "--format=%s") == "inside\n"
    assert git(sibling, "status", "--porcelain") == ""


@pytest.mark.parametrize("which", ["main", "a"])
def test_an_agent_adds_no_object_store_that_the_hosts_git_would_follow(
    shell, repository, home, which
):
    private = home / "private"
    git(home, "clone", "--quiet", str(repository), str(private))
    git(private, "commit", "--quiet", "--allow-empty", "--message=private")
    commit = git(private, "rev-parse", "HEAD").strip()
    info = repository / ".git" / "objects" / "info"
    shell(
        repository.parent / which,
        f"cd {info.parent}; echo {private}/.git/objects > info/alternates; mv info i; mkdir info;"
        f"echo {private}/.git/objects > info/alternates; cd ..; mv objects o; cp -r o objects;"
        "echo x > objects/info/alternates",
    )
    assert not (info / "alternates").exists()
    seen = ["git", "-C", str(repository), "cat-file", "-e", commit]
    assert subprocess.run(seen, stderr=subprocess.DEVNULL, check=False).returncode != 0
    # The attack works where the file can be written.
    (info / "alternates").write_text(f"{private}/.git/objects\n")
    assert subprocess.run(seen, check=False).returncode == 0


def test_a_shared_clone_is_worked_in_and_its_borrowed_store_is_read_only(shell, repository, home):
    second = home / "src" / "second"
    git(home, "clone", "--quiet", "--shared", str(repository), str(second))
    store = repository / ".git" / "objects"
    before = contents(store)
    done = shell(
        second, f"git log --format=%s && git commit -q --allow-empty -m x; touch {store}/x"
    )
    assert done.stdout == "first\n", done.stderr
    assert git(second, "log", "-1", "--format=%s") == "x\n"
    assert contents(store) == before


def conflict(repository: Path) -> subprocess.CompletedProcess[str]:
    """Merge the branch ``theirs``, whose file conflicts."""
    command = ["git", "-C", str(repository), "merge", "theirs"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def resolutions(repository, tmp_path) -> Path:
    """Recorded resolutions of a conflict that a merge of ``theirs`` has, of an agent's making."""
    for branch, text in (("theirs", "theirs\n"), ("main", "ours\n")):
        git(repository, "checkout", "--quiet", "-B", branch)
        (repository / "readme.txt").write_text(text)
        git(repository, "commit", "--quiet", "--all", f"--message={branch}")
        if branch == "theirs":
            git(repository, "checkout", "--quiet", "-B", "main", "HEAD~1")
    copy = tmp_path / "copy"
    git(tmp_path, "clone", "--quiet", str(repository), str(copy))
    git(copy, "branch", "--quiet", "theirs", "origin/theirs")
    git(copy, "config", "rerere.enabled", "true")
    assert conflict(copy).returncode == 1
    (copy / "readme.txt").write_text("evil\n")
    git(copy, "rerere")
    shutil.copytree(copy / ".git" / "rr-cache", repository / "resolutions")
    return repository / "resolutions"


@pytest.mark.parametrize("enabled", [None, "true"])
def test_an_agents_resolution_does_not_fill_the_users_conflict(
    shell, repository, resolutions, enabled
):
    if enabled:
        git(repository, "config", "rerere.enabled", enabled)
    shell(repository, "cd .git; rm -rf rr-cache; mkdir rr-cache; cp -r ../resolutions/* rr-cache")
    assert conflict(repository).returncode in (1, 128)
    assert "<<<<<<<" in (repository / "readme.txt").read_text()


def test_such_a_resolution_would_fill_it(repository, resolutions):
    """The companion: git on the host uses what lies there."""
    shutil.copytree(resolutions, repository / ".git" / "rr-cache")
    conflict(repository)
    assert (repository / "readme.txt").read_text() == "evil\n"


@pytest.mark.parametrize("replaced", ["a", "main/.git/worktrees/a", "main/.git/refs"])
def test_what_is_replaced_until_it_is_mounted_ends_the_session_before_the_agent(
    repository, image, tmp_path, replaced
):
    service = AgentAuthService(AgentAuth(), Preferences(jupyter_config_dir()), str(repository))
    worktree = str(repository.parent / "a")
    plan = service.launch(LaunchRequest("sh", ("-c", "echo agent"), worktree=worktree, tty=False))
    service.engine.close()
    path = repository.parent / replaced
    path.rename(tmp_path / "before")
    shutil.copytree(tmp_path / "before", tmp_path / "secret")
    path.symlink_to(tmp_path / "secret")
    done = subprocess.run(docker_run_argv(plan), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "was replaced meanwhile" in done.stderr


def test_a_pointer_that_an_agent_leaves_in_a_plain_directory_leads_its_next_session_nowhere(
    shell, repository, home
):
    notes = home / "src" / "notes"
    notes.mkdir()
    shell(notes, f"echo gitdir: {repository}/.git > .git")
    done = shell(notes, f"ls {repository}/.git; git log")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "counts as the agent's" in done.stderr
    assert os.path.exists(repository / ".git" / "HEAD")


async def test_a_repository_that_an_agent_makes_around_itself_is_not_what_its_restart_mounts(
    api, open_session, sessions, terminal, repository
):
    below = repository.parent / "a" / "below"
    below.mkdir()
    old = await open_session("sh", below, "-c", "git init -q . && echo made; read -r line")
    await (await terminal(old["terminal"])).until("made")
    reply = await api("POST", f"sessions/{old['id']}/restart")
    assert (reply.status, reply.json["reason"]) == (409, "worktree_changed")
    assert [session["id"] for session in await sessions()] == [old["id"]]
