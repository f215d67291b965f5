from __future__ import annotations

import posixpath

import pytest
from planning import LINKED, MAIN

from jupyter_agentauth.gitguard import git_mounts
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


@pytest.mark.parametrize("worktree", [LINKED, MAIN], ids=["linked", "main"])
def test_the_repositorys_control_files_are_read_only(worktree):
    found = modes(worktree.path, worktree.git)
    names = ("config", "config.worktree", "commondir", "hooks", "info", "modules", "worktrees")
    for name in names:
        assert found[f"/src/main/.git/{name}"] is True
    assert found["/src/main/.git"] is False


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
    assert seeds == {"config": "", "config.worktree": "", "commondir": ".\n"}
