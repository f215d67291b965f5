"""Keeping what an agent made, or dropping it: with real git, over REST; nothing is ever lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from command_line import git


@pytest.fixture
def apply(api, repository):
    async def call(path=None, **body):
        path = repository.parent / "a" if path is None else path
        return await api("POST", "worktrees/apply", {"path": str(path), **body})

    return call


@pytest.fixture
def discard(api, repository):
    async def call(path=None):
        path = repository.parent / "a" if path is None else path
        return await api("POST", "worktrees/discard", {"path": str(path)})

    return call


def state(directory):
    """All that a user would see there: commits, files and what git says of them."""
    files = {
        str(file.relative_to(directory)): file.read_bytes()
        for file in directory.rglob("*")
        if file.is_file() and ".git" not in file.parts
    }
    head = git(directory, "log", "--format=%H", "--all")
    return files, head, git(directory, "status", "--porcelain")


async def test_what_is_committed_changed_and_new_arrives_in_the_main_worktree(apply, repository):
    a = repository.parent / "a"
    (a / "committed.txt").write_text("one\n")
    git(a, "add", "."), git(a, "commit", "--quiet", "--message=by the agent")
    (a / "readme.txt").write_text("changed\n")
    (a / "new ü,\n.txt").write_text("two\n")
    (a / "run.sh").write_text("#!/bin/sh\n")
    (a / "run.sh").chmod(0o755)
    (a / "link").symlink_to("readme.txt")
    (a / "binary").write_bytes(bytes(range(256)))
    (repository / "mine.txt").write_text("of the user\n")  # Untracked, and in nobody's way.

    reply = await apply(message="What the agent did")
    assert reply.status == 200, reply.json
    told = reply.json
    assert (told["branch"], told["into"], told["target"]) == ("a", "main", str(repository))
    assert {f["path"] for f in told["files"]} == {
        "committed.txt", "readme.txt", "new ü,\n.txt", "run.sh", "link", "binary",
    }  # fmt: skip

    assert (repository / "readme.txt").read_text() == "changed\n"
    assert (repository / "new ü,\n.txt").read_text() == "two\n"
    assert (repository / "run.sh").stat().st_mode & stat.S_IXUSR
    assert os.readlink(repository / "link") == "readme.txt"
    assert (repository / "binary").read_bytes() == bytes(range(256))
    assert git(repository, "status", "--porcelain") == "?? mine.txt\n"
    assert git(repository, "log", "-1", "--format=%an %s") == "Ada Merge branch 'a' into main\n"
    assert git(repository, "log", "-1", "--format=%s", "a") == "What the agent did\n"
    assert git(a, "status", "--porcelain") == ""
    assert git(repository, "rev-parse", "HEAD").strip() == told["commit"]

    again = await apply()
    assert (again.status, again.json["reason"]) == (409, "nothing_to_apply")


async def test_a_second_apply_brings_what_came_after_the_first(apply, repository):
    a = repository.parent / "a"
    (a / "one.txt").write_text("one\n")
    assert (await apply()).status == 200
    (a / "two.txt").write_text("two\n")
    assert [f["path"] for f in (await apply()).json["files"]] == ["two.txt"]
    assert (repository / "two.txt").exists()


@pytest.mark.parametrize("how", ["changed", "staged", "in the way", "unfinished merge"])
async def test_a_target_with_work_of_its_own_is_refused_and_left_as_it_was(apply, repository, how):
    a = repository.parent / "a"
    (a / "made.txt").write_text("by the agent\n")
    if how == "changed":
        (repository / "readme.txt").write_text("the user's\n")
    elif how == "staged":
        (repository / "staged.txt").write_text("the user's\n")
        git(repository, "add", "staged.txt")
    elif how == "in the way":
        (repository / "made.txt").write_text("the user's\n")
    else:
        git(repository, "commit", "--quiet", "--allow-empty", "--message=second")
        git(repository.parent / "b", "commit", "--quiet", "--allow-empty", "--message=other")
        git(repository, "merge", "--quiet", "--no-commit", "--no-ff", "b")
    before = state(repository)
    reply = await apply()
    reason = "unfinished" if how == "unfinished merge" else "target_dirty"
    assert (reply.status, reply.json["reason"]) == (409, reason)
    assert state(repository)[0] == before[0]
    assert state(repository)[2] == before[2]
    assert (a / "made.txt").read_text() == "by the agent\n"
    named = {"changed": "readme.txt", "staged": "staged.txt", "in the way": "made.txt"}
    assert named.get(how, "git status") in reply.json["message"]


async def test_a_conflict_changes_nothing_in_the_target_and_names_the_files(apply, repository):
    (repository.parent / "a" / "readme.txt").write_text("the agent's\n")
    (repository / "readme.txt").write_text("the user's\n")
    git(repository, "commit", "--quiet", "--all", "--message=the user's")
    head = git(repository, "rev-parse", "HEAD")
    reply = await apply()
    assert (reply.status, reply.json["reason"]) == (409, "merge_conflict")
    assert "readme.txt" in reply.json["message"]
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "rev-parse", "HEAD") == head
    assert (repository / "readme.txt").read_text() == "the user's\n"
    assert git(repository, "show", "a:readme.txt") == "the agent's\n"


async def test_it_can_be_merged_into_another_linked_worktree(apply, repository):
    (repository.parent / "a" / "made.txt").write_text("x\n")
    b = repository.parent / "b"
    reply = await apply(into=str(b))
    assert (reply.status, reply.json["into"]) == (200, "b")
    assert (b / "made.txt").exists()
    assert not (repository / "made.txt").exists()


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda main: ("main", {}), "main_worktree"),
        (lambda main: git(main.parent / "a", "checkout", "--quiet", "--detach"), "detached"),
        (lambda main: git(main, "checkout", "--quiet", "--detach"), "target_detached"),
    ],
)
async def test_where_there_is_no_branch_it_says_so(apply, repository, prepare, reason):
    prepared = prepare(repository)
    path = repository if isinstance(prepared, tuple) else None
    reply = await apply(path)
    assert (reply.status, reply.json["reason"]) == (409, reason)


async def test_a_user_without_a_name_can_apply_all_the_same(apply, repository, home, monkeypatch):
    (home / ".gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    (repository.parent / "a" / "made.txt").write_text("x\n")
    assert (await apply()).status == 200
    assert git(repository, "log", "-1", "--format=%an") == "jupyter-agentauth\n"


HOOKS = ("pre-commit", "post-commit", "post-merge", "post-checkout", "reference-transaction")


@pytest.mark.parametrize("trap", ["hooks", "clean", "smudge", "driver"])
async def test_nothing_that_an_agent_wrote_is_run(apply, repository, home, trap):
    """Hooks, filters and merge drivers that are files of its worktree, or of its commits."""
    ran, a = home / "ran", repository.parent / "a"
    payload = f"#!/bin/sh\necho {trap} >> {ran}\ncat\n"
    setting = {
        "hooks": ("core.hooksPath", str(a / "hooks")),
        "clean": ("filter.own.clean", "./trap.sh"),
        "smudge": ("filter.own.smudge", "./trap.sh"),
        "driver": ("merge.own.driver", "./trap.sh %A"),
    }[trap]
    (a / "readme.txt").write_text("hello\nof the agent\n")
    (a / ".gitattributes").write_text("*.txt filter=own merge=own\n")
    (a / "hooks").mkdir()
    for file in (a / "trap.sh", *(a / "hooks" / hook for hook in HOOKS)):
        file.write_text(payload)
        file.chmod(0o755)
    (repository / "readme.txt").write_text("of the user\nhello\n")
    git(repository, "commit", "--quiet", "--all", "--message=of the user")
    if trap in ("smudge", "driver"):  # Where the user's own git would run it, too.
        shutil.copy(a / "trap.sh", repository)
        shutil.copy(a / ".gitattributes", repository)
        git(repository, "add", "."), git(repository, "commit", "--quiet", "--message=both")
    git(repository, "config", *setting)

    reply = await apply()
    assert reply.status == 200 or reply.json["reason"] == "merge_conflict", reply.json
    assert not ran.exists(), ran.read_text()

    # The payload works: the user's own git runs it.
    (a / "readme.txt").write_text("hello\nof the agent, again\n")
    for words in (("-C", a, "commit", "-qam", "x"), ("-C", repository, "merge", "-q", "a")):
        run_git(*words)
    assert ran.exists()


def run_git(*words):
    subprocess.run(["git", *words], capture_output=True, check=False)


def in_background(words):
    return subprocess.Popen(words, stdin=subprocess.DEVNULL)


def in_shell(command):
    subprocess.run(command, shell=True, check=True, cwd="/", capture_output=True)


async def test_what_is_discarded_comes_back_by_the_command_that_it_says(api, discard, repository):
    made = await api("POST", "worktrees", {"repo": str(repository), "branch": "topic"})
    a = Path(made.json["path"])
    (a / "committed.txt").write_text("one\n")
    git(a, "add", "."), git(a, "commit", "--quiet", "--message=by the agent")
    (a / "readme.txt").write_text("changed\n")
    (a / "untracked.txt").write_text("two\n")
    reply = await discard(a)
    assert reply.status == 200, reply.json
    assert str(a) not in git(repository, "worktree", "list")
    assert git(repository, "branch", "--list", "topic") == ""
    assert reply.json["kept"] == "refs/agentauth/discarded/topic"

    in_shell(reply.json["restore"])
    assert (a / "committed.txt").read_text() == "one\n"
    assert (a / "readme.txt").read_text() == "changed\n"
    assert (a / "untracked.txt").read_text() == "two\n"
    assert git(a, "branch", "--show-current") == "topic\n"

    assert (await discard(a)).json["kept"] == "refs/agentauth/discarded/topic-2"


async def test_a_branch_that_was_there_before_stays_and_all_comes_back_beside_it(
    discard, repository
):
    a = repository.parent / "a"
    head = git(repository, "rev-parse", "a")
    (a / "readme.txt").write_text("changed\n")
    reply = await discard()
    assert (reply.status, reply.json["branch_kept"]) == (200, True)
    assert git(repository, "rev-parse", "a") == head
    in_shell(reply.json["restore"])
    assert (a / "readme.txt").read_text() == "changed\n"


async def test_a_worktree_whose_directory_is_gone_is_discarded_with_its_commits(
    discard, repository
):
    a = repository.parent / "a"
    git(a, "commit", "--quiet", "--allow-empty", "--message=kept")
    shutil.rmtree(a)
    reply = await discard()
    assert reply.status == 200, reply.json
    assert git(repository, "log", "-1", "--format=%s", reply.json["kept"]) == "kept\n"


async def test_a_repository_inside_of_it_would_be_lost_so_it_stays(discard, repository):
    a = repository.parent / "a"
    (a / "inner").mkdir()
    git(a / "inner", "init", "--quiet")
    (a / "inner" / "file").write_text("x\n")
    reply = await discard()
    assert (reply.status, reply.json["reason"]) == (409, "unsaved_work")
    assert (a / "inner" / "file").exists()
    assert git(repository, "branch", "--list", "a")


async def test_the_main_worktree_is_never_discarded(discard, repository):
    reply = await discard(repository)
    assert (reply.status, reply.json["reason"]) == (409, "main_worktree")


async def test_while_a_session_runs_in_it_neither_is_done(apply, discard, repository, open_session):
    a = repository.parent / "a"
    (a / "made.txt").write_text("x\n")
    session = await open_session("sh", a, "-c", "sleep 1000")
    for reply in (await apply(), await discard()):
        assert (reply.status, reply.json["reason"]) == (409, "worktree_in_use")
        assert session["id"] in reply.json["message"]
    assert (a / "made.txt").exists()


async def test_a_container_of_a_command_keeps_its_worktree_too(
    apply, discard, repository, agentauth, containers
):
    a = repository.parent / "a"
    (a / "made.txt").write_text("x\n")
    words = [*agentauth.argv, "run", "sh", "--worktree", str(a), "--", "-c", "sleep 1000"]
    with in_background(words) as command:
        while not containers():
            assert command.poll() is None
            await asyncio.sleep(0.1)
        for reply in (await apply(), await discard()):
            assert (reply.status, reply.json["reason"]) == (409, "worktree_in_use")
        command.kill()


async def test_nothing_is_merged_into_a_worktree_where_an_agent_is(apply, repository, open_session):
    (repository.parent / "a" / "made.txt").write_text("x\n")
    await open_session("sh", repository, "-c", "sleep 1000")
    reply = await apply()
    assert (reply.status, reply.json["reason"]) == (409, "worktree_in_use")
    assert str(repository) in reply.json["message"]
    assert not (repository / "made.txt").exists()


async def test_what_an_agent_did_not_end_is_not_merged(apply, repository):
    a = repository.parent / "a"
    (a / "readme.txt").write_text("the agent's\n")
    git(a, "commit", "--quiet", "--all", "--message=the agent's")
    (repository / "readme.txt").write_text("the user's\n")
    git(repository, "commit", "--quiet", "--all", "--message=the user's")
    run_git("-C", a, "merge", "main")
    reply = await apply()
    assert (reply.status, reply.json["reason"]) == (409, "unfinished")
    assert "<<<<" not in git(repository, "show", "a:readme.txt")


@pytest.mark.parametrize("known", ["tracked", "untracked"])
async def test_a_repository_that_an_agent_made_inside_runs_nothing_and_is_not_lost(
    apply, discard, repository, home, known
):
    a, ran = repository.parent / "a", home / "ran"
    inner = a / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    (inner / "file").write_text("one\n")
    git(inner, "add", "."), git(inner, "commit", "--quiet", "--message=inner")
    if known == "tracked":
        run_git("-C", a, "add", "inner")
        git(a, "commit", "--quiet", "--message=a link")
    git(inner, "config", "filter.x.clean", f"sh -c 'echo x >> {ran}; cat'")
    (inner / ".gitattributes").write_text("* filter=x\n")
    (inner / "file").write_text("two\n")
    (a / "made.txt").write_text("x\n")
    assert (await apply()).status == 200
    reply = await discard()
    assert (reply.status, reply.json["reason"]) == (409, "unsaved_work")
    assert (inner / "file").read_text() == "two\n"
    assert not ran.exists()
    run_git("-C", inner, "add", "file")  # The payload works.
    assert ran.exists()


async def test_a_target_without_a_commit_and_a_half_added_file_are_no_trap(apply, repository):
    a = repository.parent / "a"
    (a / "later.txt").write_text("meant to be added\n")
    git(a, "add", "--intent-to-add", "later.txt")
    git(repository, "checkout", "--quiet", "--orphan", "empty")
    git(repository, "rm", "-rfq", "--cached", ".")
    (repository / "readme.txt").unlink()
    reply = await apply()
    assert (reply.status, reply.json["reason"]) == (409, "git_failed")
    git(repository, "checkout", "--quiet", "main")
    assert (await apply()).status == 200
    assert (repository / "later.txt").read_text() == "meant to be added\n"


async def test_a_lock_of_the_users_own_git_is_said_and_the_next_try_works(apply, repository):
    (repository.parent / "a" / "made.txt").write_text("x\n")
    (repository / ".git" / "index.lock").touch()
    reply = await apply()
    assert (reply.status, reply.json["reason"]) == (409, "git_failed")
    assert not (repository / "made.txt").exists()
    (repository / ".git" / "index.lock").unlink()
    assert (await apply()).status == 200
    assert (repository / "made.txt").exists()


async def test_a_worktree_on_no_branch_is_kept_under_its_directorys_name(api, discard, repository):
    odd = repository.parent / "an odd ~name.."
    git(repository, "worktree", "add", "--quiet", "--detach", str(odd))
    (odd / "made.txt").write_text("x\n")
    reply = await discard(odd)
    assert (reply.status, reply.json["branch"]) == (200, "an-odd-name"), reply.json
    in_shell(reply.json["restore"])
    assert (odd / "made.txt").read_text() == "x\n"


@pytest.mark.parametrize("broken", ["not json", {}, {"path": 3}, {"path": "a", "x": 1}])
@pytest.mark.parametrize("route", ["apply", "discard"])
async def test_a_bad_body_is_one_sentence(api, repository, route, broken):
    reply = await api("POST", f"worktrees/{route}", broken)
    assert reply.status == 400
    assert reply.json["message"].endswith(".")
