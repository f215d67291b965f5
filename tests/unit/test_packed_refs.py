"""Packed refs in a directory of their own: git on the host does what it always did."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_repositories import git, make_repository

from jupyter_agentauth.packed_refs import move_packed_refs


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = make_repository(tmp_path / "main")
    for name in ("one", "two"):
        git(made, "branch", name)
    return made


def branches(repository: Path) -> list[str]:
    return git(repository, "branch", "--format=%(refname:short)").split()


@pytest.mark.parametrize("packed", [True, False])
def test_git_packs_and_deletes_refs_as_before(repository, packed):
    if packed:
        git(repository, "pack-refs", "--all")
    move_packed_refs(f"{repository}/.git")
    move_packed_refs(f"{repository}/.git")
    assert branches(repository) == ["main", "one", "two"]
    git(repository, "branch", "-D", "one")
    git(repository, "gc", "--quiet")
    git(repository, "fsck", "--strict")
    assert branches(repository) == ["main", "two"]
    assert "refs/heads/two" in (repository / ".git" / "agentauth" / "packed-refs").read_text()
    assert git(repository.parent, "clone", "--quiet", "main", "copy") == ""


def test_while_git_holds_its_lock_nothing_is_changed(repository):
    git(repository, "pack-refs", "--all")
    (repository / ".git" / "packed-refs.lock").touch()
    with pytest.raises(FileExistsError):
        move_packed_refs(f"{repository}/.git")
    assert (repository / ".git" / "packed-refs.lock").exists()
    assert not (repository / ".git" / "packed-refs").is_symlink()


@pytest.mark.parametrize("at", ["packed-refs", "agentauth"])
def test_a_link_in_the_place_is_not_followed(repository, tmp_path, at):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (repository / ".git" / at).symlink_to(elsewhere)
    with pytest.raises(OSError, match=r"symbolic|directory"):
        move_packed_refs(f"{repository}/.git")
    assert list(elsewhere.iterdir()) == []


def test_where_another_tool_has_put_a_file_it_is_moved_again(repository):
    move_packed_refs(f"{repository}/.git")
    git(repository, "pack-refs", "--all")
    packed = repository / ".git" / "packed-refs"
    content = packed.read_bytes()
    packed.unlink()
    packed.write_bytes(content)
    move_packed_refs(f"{repository}/.git")
    assert packed.is_symlink()
    assert branches(repository) == ["main", "one", "two"]


def test_a_link_that_an_agent_puts_there_is_said(repository, tmp_path):
    move_packed_refs(f"{repository}/.git")
    moved = repository / ".git" / "agentauth" / "packed-refs"
    moved.unlink()
    moved.symlink_to(tmp_path / "file")
    with pytest.raises(OSError, match="look where it leads"):
        move_packed_refs(f"{repository}/.git")
