from __future__ import annotations

import posixpath
from dataclasses import replace

import pytest
from planning import LINKED, MAIN

from jupyter_agentauth.gitguard import NO_RESOLUTIONS, git_mounts
from jupyter_agentauth.settings import GitLayout


def modes(worktree, git):
    return {mount.path: mount.read_only for mount in git_mounts(worktree, git)}


def test_a_linked_worktrees_pointers_are_read_only_and_its_own_part_writable():
    own = LINKED.git.git_dir
    found = modes(LINKED.path, LINKED.git)
    assert found[own] is False
    assert found["/src/wt/.git"] is True
    for name in ("commondir", "gitdir", "config.worktree"):
        assert found[f"{own}/{name}"] is True


def test_a_main_checkouts_control_files_are_read_only():
    found = modes(MAIN.path, MAIN.git)
    names = (
        "config", "config.worktree", "commondir", "hooks", "info", "modules", "worktrees",
        "objects/info", "rr-cache",
    )  # fmt: skip
    for name in names:
        assert found[f"/src/main/.git/{name}"] is True
    assert found["/src/main/.git"] is False
    assert found["/src/main/.git/objects"] is False


def test_a_linked_worktree_writes_to_the_repository_only_what_git_adds():
    """Whatever else lies there, or comes later, is read-only with the directory around it."""
    found = modes(LINKED.path, LINKED.git)
    common = LINKED.git.common_dir
    assert found[common] is True
    writable = {path for path, read_only in found.items() if not read_only}
    names = ("objects", "refs", "logs/refs", "agentauth", "worktrees/wt")
    assert writable == {f"{common}/{name}" for name in names}
    assert found[f"{common}/objects/info"] is True


def test_a_borrowed_object_store_is_read_only():
    git = replace(MAIN.git, borrowed=("/src/other/.git/objects",))
    assert modes(MAIN.path, git)["/src/other/.git/objects"] is True


@pytest.mark.parametrize("large_files", [True, False])
def test_large_files_are_written_where_they_are_used(large_files):
    git = replace(LINKED.git, large_files=large_files)
    assert ("/src/main/.git/lfs" in modes(LINKED.path, git)) is large_files


@pytest.mark.parametrize("worktree", [LINKED, MAIN], ids=["linked", "main"])
def test_no_guarded_path_can_be_renamed_away_with_its_directory(worktree):
    git = GitLayout(
        worktree.git.git_dir,
        worktree.git.common_dir,
        submodules=(f"{worktree.git.git_dir}/modules/libs/a",),
        guarded=(f"{worktree.path}/.husky/_", f"{worktree.path}/trees/x/.git"),
    )
    found = modes(worktree.path, git)
    roots = (worktree.path, git.common_dir)
    for path, read_only in found.items():
        parent = posixpath.dirname(path)
        while read_only and parent not in roots and parent.startswith("/src"):
            above = [root for root in found if found[root] and parent.startswith(root + "/")]
            stays = parent in found or above or not any(parent.startswith(r + "/") for r in roots)
            assert stays, f"{parent} can be renamed, and with it {path}"
            parent = posixpath.dirname(parent)


def test_what_may_be_missing_is_made_in_a_form_that_changes_nothing():
    seeds = {
        posixpath.basename(mount.path): mount.seed
        for mount in git_mounts(MAIN.path, MAIN.git)
        if mount.seed is not None
    }
    expected = {"config": "", "config.worktree": "", "commondir": ".\n"}
    assert seeds == {**expected, "rr-cache": NO_RESOLUTIONS}


def test_nothing_is_made_in_a_linked_worktrees_repository_but_directories():
    made = [mount for mount in git_mounts(LINKED.path, LINKED.git) if mount.seed is not None]
    assert [mount.path for mount in made] == [f"{LINKED.git.git_dir}/config.worktree"]
