"""What a launch makes in a repository, and what it refuses to mount."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from made_repositories import git, make_linked, make_repository
from planning import plan

from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.errors import Conflict
from jupyter_agentauth.launch_plan import LaunchPlan
from jupyter_agentauth.prepare import prepare
from jupyter_agentauth.worktrees.find import find_worktree


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home" / "data"))
    (tmp_path / "home").mkdir()
    return make_repository(tmp_path / "main")


def planned(directory: Path) -> LaunchPlan:
    launch = plan("sh", worktree=find_worktree(str(directory), [], []))
    # Not the planner's own host, whose directory for generated files cannot be made.
    kept = [path for path in launch.host_paths if path.kind != "identity"]
    return replace(launch, host_paths=tuple(kept))


def prepared(launch: LaunchPlan, tmp_path: Path) -> LaunchPlan:
    return prepare(launch, AuthStore(str(tmp_path / "store")))


def writable(launch: LaunchPlan) -> set[str]:
    git_mounts = [mount for mount in launch.mounts if mount.purpose == "git"]
    return {mount.target for mount in git_mounts if not mount.read_only}


def test_resolutions_are_kept_again_once_the_user_wants_it(main, tmp_path):
    prepared(planned(main), tmp_path)
    cache = main / ".git" / "rr-cache"
    assert "git help rerere" in cache.read_text()
    git(main, "config", "rerere.enabled", "true")
    launch = prepared(planned(main), tmp_path)
    assert cache.is_dir()
    assert str(main / ".git") in writable(launch)


def test_a_linked_worktrees_launch_leaves_its_repository_as_git_knows_it(main, tmp_path):
    linked = make_linked(main, tmp_path / "linked")
    before = {path.name for path in (main / ".git").iterdir()}
    prepared(planned(linked), tmp_path)
    made = {path.name for path in (main / ".git").iterdir()} - before
    assert made == {"agentauth", "packed-refs"}
    git(main, "gc", "--quiet")
    assert "linked" in git(linked, "branch", "--show-current")


@pytest.mark.parametrize("place", ["refs", "objects", "logs"])
def test_git_data_behind_a_link_is_read_only_as_a_whole_and_it_is_said(main, tmp_path, place):
    linked = make_linked(main, tmp_path / "linked")
    (main / ".git" / place).rename(tmp_path / "moved")
    (main / ".git" / place).symlink_to(tmp_path / "moved")
    launch = prepared(planned(linked), tmp_path)
    assert writable(launch) == set()
    assert f"{main}/.git/{place}" not in {mount.source for mount in launch.mounts}
    assert any("read-only in this session" in warning for warning in launch.warnings)


def test_nothing_is_made_through_a_link_in_git_data(main, tmp_path):
    linked = make_linked(main, tmp_path / "linked")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.rmtree(main / ".git" / "logs")
    (main / ".git" / "logs").symlink_to(elsewhere)
    prepared(planned(linked), tmp_path)
    assert list(elsewhere.iterdir()) == []


def test_a_worktree_that_is_a_link_by_now_is_refused(main, tmp_path):
    linked = make_linked(main, tmp_path / "linked")
    launch = planned(linked)
    shutil.move(linked, tmp_path / "moved")
    linked.symlink_to(tmp_path / "moved")
    with pytest.raises(Conflict, match="symbolic link"):
        prepared(launch, tmp_path)
