"""Worktrees by REST: made, looked at, removed, with real git and real containers."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import git
from event_subscriber import Subscriber
from openapi import check

from jupyter_agentauth.foreign_files import _run
from jupyter_agentauth.worktrees.listing import list_worktrees, look_again

WORKTREE = "https://events.jupyter.org/jupyter_agentauth/worktree/v1"


@pytest.fixture
def add(api, repository):
    """Make a worktree of the repository by REST: ``await add("topic", base="a")``."""

    async def call(branch: str, status: int = 201, **body: object):
        asked = {"repo": str(repository), "branch": branch, **body}
        reply = await api("POST", "worktrees", asked)
        assert reply.status == status, reply.json
        check(reply, "POST", "/worktrees")
        return reply.json

    return call


@pytest.fixture
def remove(api):
    async def call(path: object, status: int = 204, **query: str):
        more = "".join(f"&{key}={value}" for key, value in query.items())
        reply = await api("DELETE", f"worktrees?path={path}{more}")
        assert reply.status == status, reply.json
        check(reply, "DELETE", "/worktrees")
        return reply.json

    return call


@pytest.fixture
def changes(api):
    async def call(path: object, since: str = "head"):
        reply = await api("GET", f"worktrees/changes?path={path}&since={since}")
        assert reply.status == 200, reply.json
        check(reply, "GET", "/worktrees/changes")
        return reply.json

    return call


def shell(script: str, directory: Path) -> None:
    """Run a script on the host, as the user would."""
    subprocess.run(["sh", "-c", script], cwd=directory, check=True)


async def listed(api) -> dict[str, dict[str, object]]:
    return {entry["path"]: entry for entry in (await api("GET", "worktrees")).json}


async def test_a_new_worktree_has_its_branch_and_is_listed(add, api, repository):
    made = await add("topic/one")
    assert made["path"] == str(repository.parent / "main.worktrees" / "topic-one")
    assert (made["branch"], made["main"], made["changes"]) == ("topic/one", False, 0)
    assert made["warnings"] == []
    assert made["head"] == git(repository, "rev-parse", "HEAD").strip()
    assert (await listed(api))[made["path"]]["branch"] == "topic/one"
    assert git(repository, "status", "--porcelain") == ""


class TestWhereNothingBesideIsAllowed:
    @pytest.fixture
    def jp_root_dir(self, repository):
        return repository

    async def test_it_lies_inside_where_git_does_not_see_it(self, add, api, repository):
        made = await add("topic/one")
        assert made["path"] == str(repository / ".worktrees" / "topic-one")
        assert set(await listed(api)) == {str(repository), made["path"]}
        assert git(repository, "status", "--porcelain") == ""
        ignored = (await api("GET", f"worktrees/choices?repo={repository}")).json["ignored"]
        assert ignored == []

    async def test_a_link_in_its_place_is_refused(self, add, repository, tmp_path):
        (repository / "elsewhere").mkdir()
        (repository / ".worktrees").symlink_to(repository / "elsewhere")
        assert (await add("topic", 400))["reason"] == "bad_path"
        assert list((repository / "elsewhere").iterdir()) == []

    async def test_removing_it_leaves_the_main_worktree_alone(self, add, remove, repository):
        path = (await add("topic"))["path"]
        await remove(path)
        assert (repository / "readme.txt").exists()
        assert git(repository, "status", "--porcelain") == ""


async def test_git_works_in_a_session_of_a_new_worktree(
    add, open_session, terminal, repository, containers
):
    made = await add("topic", path=str(repository.parent / "topic"))
    session = await open_session("sh", Path(made["path"]))
    client = await terminal(session["terminal"])
    await client.type(
        "echo x > new; git add new; git commit -qm inside; git log -1 --format=%s%d\r"
    )
    await client.until("inside (HEAD -> topic)")
    assert git(repository, "log", "-1", "--format=%s", "topic").strip() == "inside"


async def test_a_base_and_an_existing_branch_are_taken(add, repository):
    git(repository.parent / "a", "commit", "--quiet", "--allow-empty", "--message=more")
    git(repository, "branch", "waiting", "a")
    ahead = git(repository, "rev-parse", "a").strip()
    assert (await add("off-a", base="a"))["head"] == ahead
    assert (await add("waiting"))["head"] == ahead
    before = (repository / ".git" / "config").stat().st_ino
    git(repository, "update-ref", "refs/remotes/origin/far", ahead)
    assert (await add("near", base="origin/far"))["head"] == ahead
    # Git would replace it to note what is tracked, and sessions lose the mount of it.
    assert (repository / ".git" / "config").stat().st_ino == before


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"branch": "a"}, 409, "branch_checked_out"),
        ({"branch": "spare", "base": "main"}, 409, "branch_exists"),
        ({"branch": "x", "base": "nowhere"}, 400, "bad_base"),
        ({"branch": "x", "base": "--all"}, 400, "bad_base"),
        ({"branch": "-x"}, 400, "bad_branch"),
        ({"branch": "x\ny"}, 400, "bad_branch"),
        ({"branch": "x\0y"}, 400, "bad_branch"),
        ({"branch": "\ud800"}, 400, "bad_branch"),
        ({"branch": "../x"}, 400, "bad_branch"),
        ({"branch": "@{-1}"}, 400, "bad_branch"),
        ({"branch": "HEAD"}, 400, "bad_branch"),
        ({"branch": ""}, 400, "bad_branch"),
        ({"branch": 3}, 400, "bad_branch"),
        ({"branch": "x", "path": "a"}, 409, "path_exists"),
        ({"branch": "x", "path": "../x"}, 400, "bad_path"),
        ({"branch": "x", "path": "-x"}, 400, "bad_path"),
        ({"branch": "x", "path": "x\ny"}, 400, "bad_path"),
        ({"branch": "x", "path": "a\0b"}, 400, "bad_path"),
        ({"branch": "x", "path": "a/x"}, 400, "bad_path"),
        ({"branch": "x", "path": "main/.git/x"}, 400, "bad_path"),
        ({"branch": "x", "path": "/usr/share/x"}, 403, "worktree_forbidden"),
        ({"branch": "x", "path": "~/x"}, 403, "worktree_forbidden"),
        ({"branch": "x", "repo": "/usr"}, 400, "bad_worktree"),
        ({"branch": "x", "repo": "nothing"}, 404, "worktree_not_found"),
        ({"branch": "x", "repo": "main/sub"}, 404, "worktree_not_found"),
        ({"branch": "a/b"}, 409, "git_failed"),
        ({"branch": "x", "carry": [{"path": "../x", "how": "copy"}]}, 400, "bad_carry"),
        ({"branch": "x", "carry": [{"path": "/etc/passwd", "how": "mount"}]}, 400, "bad_carry"),
        ({"branch": "x", "carry": [{"path": ".git/config", "how": "mount"}]}, 400, "bad_carry"),
        ({"branch": "x", "carry": [{"path": "a\nb", "how": "mount"}]}, 400, "bad_carry"),
        ({"branch": "x", "carry": [{"path": "x", "how": "move"}]}, 400, "bad_carry"),
        ({"branch": "x", "carry": {}}, 400, "bad_carry"),
        ({"branch": "x", "colour": "red"}, 400, "bad_request"),
    ],
)  # fmt: skip
async def test_what_cannot_be_made_is_one_sentence_and_makes_nothing(
    add, repository, body, status, reason
):
    (repository / "sub").mkdir()
    git(repository, "branch", "spare")
    before = git(repository, "for-each-ref"), git(repository, "worktree", "list")
    said = await add(**{"status": status, **body})
    assert said["reason"] == reason
    assert "\n" not in said["message"]
    assert (git(repository, "for-each-ref"), git(repository, "worktree", "list")) == before


async def test_a_repository_without_a_commit_says_so(api, home):
    empty = home / "src" / "empty"
    empty.mkdir(parents=True)
    git(empty, "init", "--quiet")
    reply = await api("POST", "worktrees", {"repo": str(empty), "branch": "x"})
    assert (reply.status, reply.json["reason"]) == (409, "no_commit")


async def test_no_hook_runs_when_a_worktree_is_made(add, repository, tmp_path):
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/mark\n")
    hook.chmod(0o755)
    await add("topic")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize(
    "command", ["./filter", "sh filter", "sh -c '. filter'", "cd . && ./filter"]
)
async def test_a_filter_that_an_agent_has_committed_is_not_run_by_a_checkout(
    add, agentauth, image, repository, tmp_path, existing, command
):
    mark = tmp_path / "mark"
    git(repository, "config", "filter.x.smudge", command)
    git(repository, "config", "filter.x.clean", "cat")
    git(repository, "config", "filter.x.required", "true")
    script = (
        "echo '* filter=x' > .gitattributes; "
        f"printf '#!/bin/sh\\ntouch {mark}; cat\\n' > filter; chmod +x filter; "
        "git add .; git commit -qm filter; git branch made"
    )
    agentauth("run", "sh", "--worktree", str(repository.parent / "a"), "--", "-c", script)
    made = await add("made") if existing else await add("topic", base="a")
    assert "(x)" in made["warnings"][0]
    assert (Path(made["path"]) / "readme.txt").read_text() == "hello\n"
    assert not mark.exists()


async def test_a_filter_of_the_users_own_is_not_run_and_the_command_that_does_is_told(
    add, repository
):
    git(repository.parent / "a", "commit", "--quiet", "--allow-empty", "--message=x")
    git(repository, "config", "filter.x.smudge", "tr a-z A-Z")
    (repository / ".git" / "info" / "attributes").write_text("*.txt filter=x\n")
    made = await add("topic", base="a")
    assert (Path(made["path"]) / "readme.txt").read_text() == "hello\n"
    command = re.search(r"`(.*)`", made["warnings"][0])[1]
    shell(command.replace("FILE", "readme.txt"), Path(made["path"]))
    assert (Path(made["path"]) / "readme.txt").read_text() == "HELLO\n"


async def test_a_checkout_that_fails_leaves_nothing(add, repository):
    (repository.parent / "a" / "lost").write_text("x\n")
    git(repository.parent / "a", "add", ".")
    git(repository.parent / "a", "commit", "--quiet", "--message=lost")
    lost = git(repository, "rev-parse", "a:lost").strip()
    (repository / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    before = git(repository, "for-each-ref"), git(repository, "worktree", "list")
    said = await add("topic", 409, base="a", path="topic")
    assert said["reason"] == "git_failed"
    assert not (repository.parent / "topic").exists()
    assert (git(repository, "for-each-ref"), git(repository, "worktree", "list")) == before


async def test_of_two_that_want_the_same_one_gets_it_whole(api, repository):
    for number in range(8):
        asked = {"repo": str(repository), "branch": f"same-{number}", "path": f"same-{number}"}
        replies = await asyncio.gather(*(api("POST", "worktrees", asked) for _ in range(3)))
        assert sorted(reply.status for reply in replies) == [201, 409, 409]
        path = repository.parent / f"same-{number}"
        assert git(path, "status", "--porcelain", "--branch") == f"## same-{number}\n"
    assert git(repository, "worktree", "list").count("\n") == 11


async def test_the_choices_are_branches_and_ignored_files(api, repository):
    (repository / ".gitignore").write_text(".env\ndata/\n*.link\n")
    (repository / ".env").write_text("KEY=1\n")
    (repository / "data" / "deep").mkdir(parents=True)
    (repository / "data" / "deep" / "file").write_text("12345")
    (repository / "in.link").symlink_to(".env")
    (repository / "out.link").symlink_to("/etc/passwd")
    (repository / "untracked").write_text("")
    nested = await api("POST", "worktrees", {"repo": str(repository), "branch": "nested"})
    assert nested.status == 201
    reply = await api("GET", f"worktrees/choices?repo={repository.parent / 'a'}")
    check(reply, "GET", "/worktrees/choices")
    assert reply.json == {
        "branches": ["a", "b", "main", "nested"],
        "current": "a",
        "checked_out": ["main", "a", "b", "nested"],
        "directory": str(repository.parent / "main.worktrees"),
        "ignored": [
            {"path": ".env", "directory": False, "size": 6},
            {"path": "data", "directory": True, "size": 5},
            {"path": "in.link", "directory": False, "size": 4},
        ],
    }


async def test_all_that_changed_is_shown_and_nothing_is_touched(changes, repository):
    worktree = repository.parent / "a"
    (worktree / "readme.txt").write_text("hello\nagain\n")
    (worktree / "staged").write_text("1\n2\n")
    git(worktree, "add", "staged")
    (worktree / "dir").mkdir()
    (worktree / "dir" / "new\nline ü").write_text("x\n")
    (worktree / "binary").write_bytes(b"\0\1\2")
    index = repository / ".git" / "worktrees" / "a" / "index"
    before = index.read_bytes(), index.stat().st_mtime_ns
    shown = await changes(worktree)
    assert {tuple(file.values()) for file in shown["files"]} == {
        ("binary", "untracked", None, None),
        ("dir/new\nline ü", "untracked", 1, 0),
        ("readme.txt", "modified", 1, 0),
        ("staged", "added", 2, 0),
    }
    assert "+again" in shown["diff"]
    assert "+x" in shown["diff"]
    assert shown["base"] == git(worktree, "rev-parse", "HEAD").strip()
    assert shown["truncated"] is False
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


async def test_changes_since_the_base_hold_what_was_committed_too(changes, repository):
    worktree = repository.parent / "a"
    git(worktree, "mv", "readme.txt", "moved.txt")
    git(worktree, "commit", "--quiet", "--message=moved")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=meanwhile")
    (worktree / "new").write_text("x\n")
    since_head = await changes(worktree)
    since_base = await changes(worktree, "base")
    assert [file["path"] for file in since_head["files"]] == ["new"]
    assert [(f["path"], f["status"]) for f in since_base["files"]] == [
        ("moved.txt", "renamed"),
        ("new", "untracked"),
    ]
    assert since_base["base"] == git(repository, "rev-parse", "HEAD~1").strip()


@pytest.mark.parametrize("how", ["--assume-unchanged", "--skip-worktree"])
async def test_a_change_that_git_was_told_to_pass_over_is_shown(changes, repository, how):
    worktree = repository.parent / "a"
    git(worktree, "update-index", how, "readme.txt")
    (worktree / "readme.txt").write_text("hidden\n")
    assert git(worktree, "status", "--porcelain") == ""
    assert "+hidden" in (await changes(worktree))["diff"]


@pytest.mark.parametrize(
    ("command", "file"), [("./clean", "clean"), ("python3 -m clean", "clean.py")]
)
async def test_a_filter_that_an_agent_made_is_run_by_no_look_of_ours(
    api, changes, remove, repository, command, file
):
    """The configuration names it; it was not there when the session began, so it is not guarded."""
    worktree = repository.parent / "a"
    git(repository, "config", "filter.own.clean", command)
    mark = repository.parent / "mark"
    shebang = "#!/usr/bin/env python3\n"
    (worktree / file).write_text(f"{shebang}open({str(mark)!r}, 'w')\n")
    (worktree / file).chmod(0o755)
    (worktree / ".gitattributes").write_text("* filter=own\n")
    (worktree / "readme.txt").write_text("changed by the agent\n")
    listed = (await api("GET", "worktrees")).json
    assert {w["branch"]: w["changes"] for w in listed}["a"] == 3
    assert "+changed by the agent" in (await changes(worktree))["diff"]
    assert (await api("GET", f"worktrees/choices?repo={worktree}")).status == 200
    found = [w for w in list_worktrees(str(repository)) if w.branch == "a"]
    assert [look_again(w) for w in found] == found
    await remove(worktree, status=409)
    assert not mark.exists()
    git(worktree, "diff")
    assert mark.exists()  # The user's own git runs it: or nothing was shown by this.


async def test_a_big_change_is_cut_at_a_line_and_says_so(changes, repository):
    (repository / "big").write_text("0123456789\n" * 200_000)
    (repository / "huge").write_bytes(b"text\n" * 2_000_000)
    shown = await changes(repository)
    assert shown["truncated"] is True
    assert len(shown["diff"]) <= 1 << 20
    assert shown["diff"].endswith("\n")
    added = {file["path"]: file["added"] for file in shown["files"]}
    assert added == {"big": 200_000, "huge": None}


async def test_what_an_agent_made_is_not_run_or_followed_by_a_look_at_it(
    changes, agentauth, repository, image, tmp_path
):
    mark = tmp_path / "mark"
    (tmp_path / "secret").write_text("secret-word\n")
    worktree = repository.parent / "a"
    for key, value in {
        "diff.evil.command": f"touch {mark}; true",
        "diff.evil.textconv": f"touch {mark}; cat",
        "diff.external": f"touch {mark}; true",
    }.items():
        git(repository, "config", key, value)
    script = (
        "echo '* diff=evil' > .gitattributes; echo more >> readme.txt;"
        f"ln -s {tmp_path}/secret link; mkfifo pipe; chmod 0 readme.txt; chmod 644 readme.txt;"
        "git init -q nested; cd nested; echo '* filter=x' > .gitattributes; echo a > f;"
        f"git add .; git commit -qm x; git config filter.x.clean 'touch {mark}; cat'; echo b > f;"
        f"git config core.fsmonitor 'touch {mark}; false'; cd ..; git add nested;"
        "git commit -qm nested; echo c > nested/f;"
        "i=$(git rev-parse --git-path index); mv $i saved; mkfifo $i"
    )
    agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)
    shown = await changes(worktree)
    assert {file["path"] for file in shown["files"]} >= {".gitattributes", "readme.txt", "link"}
    assert "secret-word" not in shown["diff"]
    assert not mark.exists()


async def test_a_removed_worktree_is_gone_and_its_branch_stays(
    add, remove, api, repository, jp_ws_fetch
):
    subscriber = Subscriber(await jp_ws_fetch("api", "events", "subscribe"))
    path = (await add("topic", path="topic"))["path"]
    await remove(path)
    assert not (repository.parent / "topic").exists()
    assert path not in await listed(api)
    assert path not in git(repository, "worktree", "list")
    assert git(repository, "branch", "--list", "topic").strip() == "topic"
    await subscriber.until(lambda: [kind for kind, _ in subscriber.events].count(WORKTREE) == 2)
    assert {tuple(data.items()) for _, data in subscriber.events} == {(("state", "changed"),)}
    assert (await remove(path, 404))["reason"] == "worktree_not_found"


async def test_removing_the_last_worktree_leaves_what_sessions_have_mounted(remove, repository):
    for name in ("a", "b"):
        await remove(repository.parent / name)
    assert (repository / ".git" / "worktrees").is_dir()
    assert git(repository, "worktree", "list").count("\n") == 1


@pytest.mark.parametrize(
    ("work", "said"),
    [
        ("echo more >> readme.txt; git add .; echo x > new", "1 changed file and 1 untracked file"),
        ("echo 1 > one; echo 2 > two", "2 untracked files"),
        ("git checkout -q --detach; git commit -q --allow-empty -m x", "1 commit on no branch"),
        ("mkdir -p $(git rev-parse --git-dir)/modules/x", "submodules"),
        ("rm $(git rev-parse --git-dir)/HEAD", "can't be determined"),
    ],
)
async def test_unsaved_work_is_not_removed_unless_it_is_insisted_on(remove, repository, work, said):
    worktree = repository.parent / "a"
    shell(work, worktree)
    refused = await remove(worktree, 409)
    assert refused["reason"] == "unsaved_work"
    assert said in refused["message"]
    assert worktree.is_dir()
    await remove(worktree, force="true")
    assert not worktree.exists()


async def test_a_directory_that_does_not_name_its_repository_is_not_deleted(remove, repository):
    """An agent can put any directory of the user's on the list of a repository."""
    worktree = repository.parent / "a"
    (worktree / ".git").unlink()
    assert (await remove(worktree, 409, force="true"))["reason"] == "not_removed"
    assert worktree.is_dir()
    shutil.rmtree(worktree)
    await remove(worktree)
    assert str(worktree) not in git(repository, "worktree", "list")


async def test_what_is_saved_elsewhere_or_ignored_stands_in_no_ones_way(remove, repository):
    worktree = repository.parent / "a"
    git(worktree, "checkout", "--quiet", "--detach", "b")
    git(repository, "config", "core.excludesFile", str(repository / "ignored"))
    (repository / "ignored").write_text("*.log\n")
    (worktree / "x.log").write_text("")
    (worktree / "kept").mkdir()
    (worktree / "kept" / "y.log").write_text("")
    (worktree / "kept").chmod(0o555)  # As Go's module cache has it.
    await remove(worktree)
    assert not worktree.exists()


async def test_what_is_not_to_be_removed_is_one_sentence(remove, repository):
    assert (await remove(repository, 409))["reason"] == "main_worktree"
    assert (await remove(repository, 409, force="true"))["reason"] == "main_worktree"
    git(repository, "worktree", "lock", "--reason=a stick", str(repository.parent / "a"))
    locked = await remove(repository.parent / "a", 409, force="true")
    assert locked["reason"] == "worktree_locked"
    assert "a stick" in locked["message"]
    inner = repository.parent / "b" / "inner"
    git(repository, "worktree", "add", "--quiet", "-b", "inner", str(inner))
    assert (await remove(inner.parent, 409, force="true"))["reason"] == "worktree_not_empty"
    assert (await remove("/", 400))["reason"] == "bad_worktree"
    assert (await remove("/usr/share", 403))["reason"] == "worktree_forbidden"
    assert (await remove(repository.parent, 404))["reason"] == "worktree_not_found"
    assert (await remove("x/../a", 400))["reason"] == "bad_path"
    assert (await remove("a", 400, force="yes"))["reason"] == "bad_force"


async def test_a_worktree_whose_directory_is_gone_is_taken_off_the_list(add, remove, repository):
    path = (await add("topic"))["path"]
    for gone in (Path(path), repository.parent / "a"):
        shutil.rmtree(gone)
        await remove(gone)
        assert str(gone) not in git(repository, "worktree", "list")


async def test_a_worktree_in_use_is_not_removed_unless_it_is_insisted_on(
    remove, open_session, sessions, api, repository, containers
):
    worktree = repository.parent / "a"
    session = await open_session("sh", worktree)
    (worktree / "new").write_text("")
    refused = await remove(worktree, 409)
    assert refused["reason"] == "worktree_in_use"
    assert session["id"] in refused["message"]
    assert "1 untracked file" in refused["message"]
    await remove(worktree, force="true")
    assert not worktree.exists()
    assert containers() == []
    assert await sessions() == []


async def test_files_of_another_owner_are_removed_too(remove, engine, image, repository, tmp_path):
    worktree = repository.parent / "a"
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    script = f"mkdir -p x/y; echo 1 > x/y/z; ln -s {outside} x/out; touch plain; chmod 700 x"
    engine.client.containers.run(
        image, ["sh", "-c", script], entrypoint="", remove=True, network_mode="none", user="0:0",
        volumes={str(worktree): {"bind": str(worktree)}}, working_dir=str(worktree),
    )  # fmt: skip
    assert (worktree / "x").stat().st_uid == 0
    with pytest.raises(PermissionError):
        os.unlink(worktree / "x" / "y")
    await remove(worktree, force="true")
    assert not worktree.exists()
    assert (outside / "kept").read_text() == "kept"
    probes = engine.client.api.containers(all=True, filters={"label": "jupyter.agentauth.probe"})
    assert [p for p in probes if str(worktree) in str(p["Mounts"])] == []


async def test_where_no_container_can_remove_them_the_sentence_gives_the_command(
    remove, engine, image, repository, jp_serverapp
):
    worktree = repository.parent / "a"
    run = {"entrypoint": "", "remove": True, "network_mode": "none", "user": "0:0"}
    mounted = {"volumes": {str(worktree): {"bind": "/w"}}, **run}
    engine.client.containers.run(image, ["sh", "-c", "mkdir /w/x; touch /w/x/y"], **mounted)
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    service.config.image = "no-such-image:here"
    said = await remove(worktree, 409, force="true")
    assert said["reason"] == "not_removed"
    assert f"sudo rm -r -- {worktree}" in said["message"]
    assert (worktree / "readme.txt").exists()
    assert str(worktree) in git(repository, "worktree", "list")
    engine.client.containers.run(image, ["rm", "-r", "/w/x"], **mounted)
    await remove(worktree)


def test_the_container_removes_nothing_of_a_directory_that_was_put_in_its_place(
    engine, image, tmp_path
):
    (tmp_path / "kept").write_text("kept")
    assert _run(engine, image, str(tmp_path), "1:1", {}) == 99
    assert (tmp_path / "kept").read_text() == "kept"


async def test_nothing_is_followed_out_of_a_worktree_that_is_removed(remove, repository, tmp_path):
    worktree = repository.parent / "a"
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("kept")
    (worktree / "link").symlink_to(tmp_path / "kept")
    (worktree / "file-link").symlink_to(tmp_path / "kept" / "file")
    await remove(worktree, force="true")
    assert (tmp_path / "kept" / "file").read_text() == "kept"


async def test_a_repository_that_an_agent_made_is_not_worked_in(api, repository, tmp_path):
    mark = tmp_path / "mark"
    nested = repository / "nested"
    git(repository, "init", "--quiet", str(nested))
    (nested / ".gitattributes").write_text("* filter=x\n")
    (nested / "f").write_text("a")
    git(nested, "add", ".")
    git(nested, "commit", "--quiet", "--message=x")
    git(nested, "worktree", "add", "--quiet", "-b", "w", str(nested / "w"))
    for part in ("clean", "smudge"):
        git(nested, "config", f"filter.x.{part}", f"touch {mark}; cat")
    (nested / "w" / "f").write_text("b")
    asked = [
        ("POST", "worktrees", {"repo": str(nested), "branch": "x"}),
        ("GET", f"worktrees/choices?repo={nested}", None),
        ("GET", f"worktrees/changes?path={nested / 'w'}", None),
        ("DELETE", f"worktrees?path={nested / 'w'}", None),
    ]
    for method, path, body in asked:
        assert (await api(method, path, body)).status == 404
    assert not mark.exists()
