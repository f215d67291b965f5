"""Looking at one worktree again gives what listing all of them gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import git

from jupyter_agentauth.worktrees.listing import ListedWorktree, list_worktrees, look_again


def unborn(main: Path) -> None:
    git(main, "switch", "--quiet", "--orphan", "empty")


def conflict(main: Path) -> None:
    (main / "readme.txt").write_text("ours\n")
    git(main, "commit", "--quiet", "--all", "--message=ours")
    git(main, "switch", "--quiet", "--create", "theirs", "HEAD~")
    (main / "readme.txt").write_text("theirs\n")
    git(main, "commit", "--quiet", "--all", "--message=theirs")
    with pytest.raises(Exception, match="merge"):
        git(main, "merge", "main")


def renamed(main: Path) -> None:
    git(main, "config", "status.renames", "copies")
    git(main, "mv", "readme.txt", "# branch.head odd\nname")


def untracked(main: Path) -> None:
    for name in ("new", "# new", "below/one", "below/two"):
        (main / name).parent.mkdir(exist_ok=True)
        (main / name).write_text("x")


def broken(main: Path) -> None:
    (main / ".git" / "index").write_bytes(b"no index")


STATES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda main: None,
    "a commit": lambda main: git(main, "commit", "--quiet", "--allow-empty", "--message=x"),
    "a branch": lambda main: git(main, "switch", "--quiet", "--create", "feature/x"),
    "no branch": lambda main: git(main, "switch", "--quiet", "--detach"),
    "no commit": unborn,
    "a conflict": conflict,
    "a renamed file": renamed,
    "new files": untracked,
}


def listed(main: Path) -> ListedWorktree:
    [found] = [worktree for worktree in list_worktrees(str(main)) if worktree.main]
    return found


@pytest.mark.parametrize("state", STATES)
def test_whatever_was_done_both_say_the_same(repository, state):
    before = listed(repository)
    STATES[state](repository)
    after = look_again(before)
    assert after == listed(repository)
    assert (after == before) is (state == "nothing")
    assert look_again(listed(repository)) == after


def test_one_that_was_removed_is_none_any_more(repository):
    [linked] = [w for w in list_worktrees(str(repository)) if w.branch == "a"]
    shutil.rmtree(linked.path)
    assert look_again(linked) is None


def test_where_git_fails_both_say_the_same_too(repository):
    before = listed(repository)
    broken(repository)
    assert look_again(before) == listed(repository)
