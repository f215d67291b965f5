"""A repository that appears in a directory that was mounted as it is, is the agent's."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_repositories import git, make_linked, make_repository

from jupyter_agentauth.errors import Conflict
from jupyter_agentauth.git.repository import repositories
from jupyter_agentauth.plain_directories import remember
from jupyter_agentauth.preferences import Preferences
from jupyter_agentauth.worktrees.service import WorktreeService


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's root, in a home of the test's own."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "home" / "data"))
    (tmp_path / "home").mkdir()
    (tmp_path / "root" / "notes").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def service(root: Path) -> WorktreeService:
    return WorktreeService(str(root), [str(root)], [], Preferences(str(root.parent / "config")))


def mounted_plainly(directory: Path) -> None:
    remember(str(directory), repositories(str(directory)))


def listed(service: WorktreeService) -> set[str]:
    return {Path(worktree.path).name for worktree in service.all()}


@pytest.mark.parametrize("where", ["notes", "notes/deep/er"])
def test_it_is_mounted_as_it_is_with_a_warning_and_not_listed(root, service, where):
    mounted_plainly(root / "notes")
    made = make_repository(root / where)
    worktree = service.find(str(made))
    assert (worktree.path, worktree.git) == (str(made), None)
    assert "counts as the agent's" in worktree.warnings[0]
    assert listed(service) == set()
    with pytest.raises(Conflict, match="counts as the agent's"):
        service.choices(str(made))


def test_what_it_says_to_do_makes_it_the_users(root, service):
    mounted_plainly(root / "notes")
    made = make_repository(root / "notes")
    command = service.find(str(made)).warnings[0].split("`")[1]
    git(root, *command.split()[1:])
    assert service.find(str(made)).git is not None
    assert listed(service) == {"notes"}


def test_to_trust_every_directory_claims_none(root, service):
    mounted_plainly(root / "notes")
    made = make_repository(root / "notes")
    git(root, "config", "--global", "safe.directory", "*")
    assert service.find(str(made)).git is None


def test_a_pointer_to_another_project_in_it_is_not_followed(root, service):
    """Attack: the agent makes a pointer, and the session is restarted."""
    mounted_plainly(root / "notes")
    private = make_repository(root.parent / "private")
    (root / "notes" / ".git").write_text(f"gitdir: {private}/.git\n")
    assert "private" in git(root / "notes", "log", "--format=%s")  # The host's git follows it.
    worktree = service.find(str(root / "notes"))
    assert (worktree.path, worktree.git) == (str(root / "notes"), None)


def test_a_repository_that_was_there_before_stays_the_users(root, service):
    before = make_repository(root / "notes" / "mine")
    mounted_plainly(root / "notes")
    make_repository(root / "notes" / "later")
    mounted_plainly(root / "notes")
    assert listed(service) == {"mine"}
    assert service.find(str(before)).git is not None


def test_a_worktree_there_of_a_repository_elsewhere_is_the_users(root, service):
    main = make_repository(root / "main")
    mounted_plainly(root / "notes")
    linked = make_linked(main, root / "notes" / "linked")
    assert service.find(str(linked)).git is not None


def test_a_repository_that_was_there_before_borrows_nothing_any_more(root, service):
    """The agent could write in it which object store, of any repository of the host."""
    private = make_repository(root.parent / "private")
    mine = make_repository(root / "notes" / "mine")
    alternates = mine / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{private}/.git/objects\n")
    assert service.find(str(mine)).git.borrowed == (f"{private}/.git/objects",)
    mounted_plainly(root / "notes")
    worktree = service.find(str(mine))
    assert worktree.git.borrowed == ()
    assert any("could have named it" in warning for warning in worktree.warnings)
