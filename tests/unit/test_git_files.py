"""Git data outside of a worktree is mounted only when it is that worktree's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from made_repositories import git, make_linked, make_repository

from jupyter_agentauth.errors import BadRequest
from jupyter_agentauth.git_files import borrowed_stores
from jupyter_agentauth.gitlayout import git_layout
from jupyter_agentauth.worktrees.find import find_worktree


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, with Jupyter's directories in it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home" / "data"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def found(directory: Path):
    return find_worktree(str(directory), [], [])


def private(tmp_path: Path) -> Path:
    """Another project of the user's."""
    return make_repository(tmp_path / "private")


def pointer(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    (work / ".git").write_text(f"gitdir: {private(tmp_path)}/.git\n")
    return work


def relative_pointer(tmp_path: Path) -> Path:
    private(tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    (work / ".git").write_text("gitdir: ../private/.git\n")
    return work


def pointer_to_a_part(tmp_path: Path) -> Path:
    make_linked(private(tmp_path), tmp_path / "linked")
    work = tmp_path / "work"
    work.mkdir()
    (work / ".git").write_text(f"gitdir: {tmp_path}/private/.git/worktrees/linked\n")
    return work


def pointer_through_a_link(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    (work / "data").symlink_to(private(tmp_path) / ".git")
    (work / ".git").write_text("gitdir: data\n")
    return work


def commondir(tmp_path: Path) -> Path:
    work = make_repository(tmp_path / "work")
    (work / ".git" / "commondir").write_text(f"{private(tmp_path)}/.git\n")
    return work


def commondir_and_gitdir(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    own = work / "data"
    own.mkdir(parents=True)
    (work / ".git").write_text("gitdir: data\n")
    (own / "commondir").write_text(f"{private(tmp_path)}/.git\n")
    (own / "gitdir").write_text(f"{work}/.git\n")
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    return work


def commondir_of_ones_own_making(tmp_path: Path) -> Path:
    """The part that names the worktree lies in it, in the shape of a repository's part."""
    work = tmp_path / "work"
    own = work / "worktrees" / "x"
    own.mkdir(parents=True)
    (work / ".git").write_text("gitdir: worktrees/x\n")
    (own / "commondir").write_text(f"{private(tmp_path)}/.git\n")
    (own / "gitdir").write_text(f"{work}/.git\n")
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    return work


ATTACKS = [
    pointer, relative_pointer, pointer_to_a_part, pointer_through_a_link, commondir,
    commondir_and_gitdir, commondir_of_ones_own_making,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_another_projects_git_data_is_refused_in_one_sentence(tmp_path, attack):
    with pytest.raises(BadRequest) as refused:
        found(attack(tmp_path))
    assert refused.value.reason == "bad_worktree"
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("attack", ATTACKS)
def test_git_on_the_host_would_take_it_for_this_worktrees(tmp_path, attack):
    """The companion: without the refusal, the other project's commit is what one reads."""
    assert "private" in git(attack(tmp_path), "log", "--format=%s")


def test_a_linked_worktree_has_its_own_part_and_its_repositorys(tmp_path):
    main = make_repository(tmp_path / "main")
    layout = found(make_linked(main, tmp_path / "linked")).git
    assert layout is not None
    assert (layout.git_dir, layout.common_dir) == (
        f"{main}/.git/worktrees/linked",
        f"{main}/.git",
    )


def test_a_linked_worktree_of_a_bare_repository_is_one_wherever_that_lies(tmp_path):
    main = make_repository(tmp_path / "main")
    git(tmp_path, "clone", "--quiet", "--bare", str(main), str(tmp_path / "p" / ".bare"))
    (tmp_path / "p" / ".git").write_text("gitdir: ./.bare\n")
    inside = tmp_path / "p" / ".bare" / "inside"
    for path in (tmp_path / "p" / "one", inside):
        layout = found(make_linked(tmp_path / "p" / ".bare", path)).git
        assert layout is not None
        assert layout.common_dir == f"{tmp_path}/p/.bare"


def test_a_submodule_is_worked_in_by_itself(tmp_path):
    library = make_repository(tmp_path / "library")
    main = make_repository(tmp_path / "main")
    git(main, "-c", "protocol.file.allow=always", "submodule", "add", str(library), "libs/one")
    layout = found(main / "libs" / "one").git
    assert layout is not None
    assert layout.git_dir == f"{main}/.git/modules/libs/one"


def test_a_separate_git_directory_must_name_its_worktree_and_the_refusal_says_how(tmp_path):
    work, data = tmp_path / "work", tmp_path / "data.git"
    make_repository(work, f"--separate-git-dir={data}")
    with pytest.raises(BadRequest, match=r"core\.worktree"):
        found(work)
    git(tmp_path, f"--git-dir={data}", "config", "core.worktree", str(work))
    layout = found(work).git
    assert layout is not None
    assert layout.git_dir == str(data)


@pytest.mark.parametrize("value", ["/", "../..", "/nowhere", "../other", "file"])
def test_a_worktree_that_git_takes_elsewhere_is_refused_in_one_sentence(tmp_path, value):
    main = make_repository(tmp_path / "main")
    make_repository(tmp_path / "other")
    git(main, "config", "core.worktree", value)
    with pytest.raises(BadRequest) as refused:
        found(main)
    assert "\n" not in refused.value.message


def test_core_worktree_that_names_the_worktree_changes_nothing(tmp_path):
    main = make_repository(tmp_path / "main")
    git(main, "config", "core.worktree", str(main))
    assert found(main).git is not None


def test_modules_behind_a_link_are_not_followed(tmp_path):
    main = make_repository(tmp_path / "main")
    library = make_repository(tmp_path / "private")
    (main / ".git" / "modules").mkdir()
    (main / ".git" / "modules" / "lib").symlink_to(library / ".git")
    assert found(main).git.submodules == ()
    (main / ".git" / "modules" / "lib").unlink()
    (main / ".git" / "modules").rmdir()
    (main / ".git" / "modules").symlink_to(tmp_path)
    assert found(main).git.submodules == ()


def test_a_shared_clone_sees_the_store_that_it_borrows_from_and_that_stores_own(tmp_path):
    first = make_repository(tmp_path / "first")
    git(tmp_path, "clone", "--quiet", "--shared", "first", "second")
    git(tmp_path, "clone", "--quiet", "--shared", "second", "third")
    layout, warnings = git_layout(str(tmp_path / "third"))
    assert set(layout.borrowed) == {f"{tmp_path}/second/.git/objects", f"{first}/.git/objects"}
    assert warnings == []


@pytest.mark.parametrize("kind", ["keys", "link", "missing"])
def test_what_is_no_object_store_is_not_borrowed_and_it_is_said(tmp_path, kind):
    main = make_repository(tmp_path / "main")
    named = tmp_path / "named"
    if kind == "keys":
        (named / "pack").mkdir(parents=True)
        (named / "id_rsa").write_text("secret")
    elif kind == "link":
        named.symlink_to(make_repository(tmp_path / "other") / ".git" / "objects")
    (main / ".git" / "objects" / "info" / "alternates").write_text(f"{named}\n")
    stores, warnings = borrowed_stores(f"{main}/.git")
    assert stores == []
    assert str(named) in warnings[0]


def test_a_repository_inside_another_worktree_borrows_nothing(tmp_path):
    """An agent that works around it could have made it, to read any repository of the host."""
    other = make_repository(tmp_path / "private")
    make_repository(tmp_path / "main")
    nested = tmp_path / "main" / "nested"
    git(tmp_path, "clone", "--quiet", "--shared", "private", str(nested))
    layout, warnings = git_layout(str(nested))
    assert layout.borrowed == ()
    assert f"{other}/.git/objects" in warnings[0]


def test_a_deep_tree_in_the_place_of_submodules_stops_no_launch(tmp_path):
    linked = make_linked(make_repository(tmp_path / "main"), tmp_path / "linked")
    place = os.open(tmp_path / "main" / ".git" / "worktrees" / "linked", os.O_RDONLY)
    for name in ["modules"] + ["d"] * 3000:
        os.mkdir(name, dir_fd=place)
        below = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    try:
        assert found(linked).git.submodules == ()
    finally:  # Deeper than pytest can remove.
        subprocess.run(["rm", "-rf", tmp_path / "main"], check=True)


def test_a_submodule_of_a_submodule_whose_names_have_slashes_is_found(tmp_path):
    one = make_repository(tmp_path / "one")
    two = make_repository(tmp_path / "two")
    main = make_repository(tmp_path / "main")
    add = ("-c", "protocol.file.allow=always", "submodule", "add")
    git(two, *add, str(one), "a/one")
    git(two, "commit", "--quiet", "--message=two")
    git(main, *add, str(two), "b/two")
    git(main, "-c", "protocol.file.allow=always", "submodule", "update", "--init", "--recursive")
    modules = f"{main}/.git/modules/b/two"
    assert set(found(main).git.submodules) == {modules, f"{modules}/modules/a/one"}
