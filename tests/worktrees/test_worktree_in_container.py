"""Work in a container is the user's work: owners, git, odd paths, and the walls."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import git


@pytest.fixture
def shell(agentauth, image):
    """Run a script by ``sh`` in the same walls as an agent."""

    def run(worktree: Path, script: str, *options: str):
        return agentauth("run", "sh", "--worktree", str(worktree), *options, "--", "-c", script)

    return run


@pytest.mark.parametrize("which", ["main", "a"])
def test_git_works_inside_and_the_commit_is_there_outside(shell, repository, which):
    worktree = repository.parent / which
    done = shell(
        worktree,
        "set -e; echo more >> readme.txt; git status --short; git add .; git commit -qm inside;"
        "git branch topic; git branch -d topic; git log --oneline; git diff HEAD~1 --stat;"
        "git stash list; git worktree list; git switch -q -c other; git switch -q -",
    )
    assert done.returncode == 0, done.stderr
    assert (
        git(worktree, "log", "-1", "--format=%s %an %ae").strip() == "inside Ada ada@example.test"
    )
    assert git(worktree, "status", "--porcelain") == ""


def test_files_made_inside_belong_to_the_user(shell, repository):
    done = shell(repository, "mkdir d; touch d/f; id -un; id -u; hostname; echo $HOME")
    assert done.stdout.split() == ["agent", str(os.getuid()), "agentauth", "/home/agent"]
    for path in (repository / "d", repository / "d" / "f"):
        assert path.stat().st_uid == os.getuid()
        assert path.stat().st_gid == os.getgid()


def test_home_is_writable_everywhere_and_gone_with_the_session(shell, repository):
    first = shell(repository, "set -e; mkdir -p ~/.local/state/x ~/.cache/y; touch ~/z; ls -A ~")
    assert first.stdout.split() == [".cache", ".local", "z"]
    again = shell(repository, "ls -A ~")
    assert again.stdout == ""


def test_the_users_uid_is_one_that_the_image_does_not_know(engine, image):
    output = engine.client.containers.run(
        image, ["cat", "/etc/passwd"], entrypoint="", remove=True, network_mode="none"
    )
    assert f":x:{os.getuid()}:" not in output.decode()


def test_the_walls_hold_inside(shell, repository):
    done = shell(
        repository,
        "grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status; env; ls /var/run/docker.sock;"
        "touch /etc/x; touch /usr/x",
    )
    assert "CapEff:\t0000000000000000" in done.stdout
    assert "CapBnd:\t0000000000000000" in done.stdout
    assert "NoNewPrivs:\t1" in done.stdout
    assert done.stderr.count("cannot") >= 3


def test_no_variable_of_the_host_goes_in_but_the_named_ones(agentauth, repository, image):
    done = agentauth(
        "run", "env", "--worktree", str(repository),
        JUPYTER_TOKEN="a-secret", AWS_SECRET_ACCESS_KEY="b-secret", ANTHROPIC_API_KEY="c-secret",
        COLORTERM="truecolor",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout
    assert "COLORTERM=truecolor" in done.stdout


ODD_NAMES = [
    "with space", "comma,here", "co:lon", 'quo"te', "apo'strophe", "new\nline", "-dash", "ünï-日本",
    "dollar$(x)`y`", "equals=a,readonly", " lead",
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_path_is_mounted_as_itself(shell, repository, name):
    worktree = repository.parent / name
    git(repository, "worktree", "add", "--quiet", "-b", "odd", str(worktree))
    done = shell(worktree, "pwd; echo x > made; git add made; git commit -qm odd && echo fine")
    assert done.stdout == f"{worktree}\nfine\n", done.stderr
    assert (worktree / "made").read_text() == "x\n"


def test_a_path_that_cannot_be_mounted_is_refused_in_one_sentence(agentauth, repository, image):
    for name in (b"\xff\xfe", b"a\r\nb"):
        worktree = os.fsencode(repository.parent) + b"/" + name
        os.mkdir(worktree)
        done = agentauth("run", "sh", "--worktree", os.fsdecode(worktree), "--", "-c", "true")
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert "rename it" in done.stderr


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("worktree", ["/", "~", "/etc", "/nowhere", "~/.."])
def test_what_is_never_a_worktree_is_refused(agentauth, home, command, worktree):
    done = agentauth(command, "sh", "--worktree", worktree)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_the_store_and_what_holds_it_are_never_a_worktree(agentauth, home):
    store = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"
    (store / "codex").mkdir(parents=True)
    for worktree in (store.parent, store, store / "codex"):
        done = agentauth("plan", "sh", "--worktree", str(worktree))
        assert (done.returncode, "credentials" in done.stderr) == (1, True)


@pytest.mark.parametrize("name", ["CONFIG", "DATA", "RUNTIME"])
def test_jupyters_own_directories_are_never_a_worktree(agentauth, home, name):
    directory = Path(os.environ[f"JUPYTER_{name}_DIR"])
    directory.mkdir(exist_ok=True)
    done = agentauth("plan", "sh", "--worktree", str(directory))
    assert (done.returncode, "Jupyter" in done.stderr) == (1, True)


def test_inside_a_git_directory_is_no_worktree(agentauth, repository):
    done = agentauth("plan", "sh", "--worktree", str(repository / ".git" / "hooks"))
    assert done.returncode == 1
    assert "git directory" in done.stderr


def test_a_subdirectory_is_worked_in_with_its_whole_worktree(shell, repository):
    (repository / "sub").mkdir()
    done = shell(repository / "sub", "pwd; git rev-parse --show-toplevel")
    assert done.stdout.split() == [str(repository / "sub"), str(repository)]


def test_planning_writes_nothing_of_ours_and_needs_no_engine(agentauth, repository):
    before = sorted(p for p in repository.parent.parent.parent.rglob("*"))
    done = agentauth(
        "plan", "claude", "--share", "--json", "--worktree", str(repository),
        DOCKER_HOST="unix:///nowhere.sock", PATH="/usr/bin:/bin",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert any("doctor" in warning for warning in json.loads(done.stdout)["warnings"])
    after = sorted(p for p in repository.parent.parent.parent.rglob("*"))
    assert [p for p in after if p not in before and "agentauth" in str(p)] == []
