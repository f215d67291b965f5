"""A repository of a user with worktrees, and what we do with them; git alone is needed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jupyter_agentauth.git.repository import find_repository
from jupyter_agentauth.preferences import Preferences
from jupyter_agentauth.worktrees.apply import Applied
from jupyter_agentauth.worktrees.changes import Changes
from jupyter_agentauth.worktrees.discard import Discarded
from jupyter_agentauth.worktrees.listing import ListedWorktree, list_worktrees
from jupyter_agentauth.worktrees.requests import NewWorktree, WorktreeToApply
from jupyter_agentauth.worktrees.service import WorktreeService

CONFIG = "[user]\n\tname = Ada\n\temail = ada@example.test\n[init]\n\tdefaultBranch = main\n"


class Bench:
    """A home with a repository ``src/main``, and its linked worktree ``src/a`` for an agent."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        home.mkdir(exist_ok=True)
        for name in [n for n in os.environ if n.startswith("GIT_")]:
            monkeypatch.delenv(name)
        for name, value in {
            "HOME": home,
            "XDG_CONFIG_HOME": home / ".config",
            "JUPYTER_DATA_DIR": home / ".local" / "jupyter",
            "GIT_CONFIG_NOSYSTEM": 1,
        }.items():
            monkeypatch.setenv(name, str(value))
        (home / ".gitconfig").write_text(CONFIG)
        self.root = home / "src"
        self.main = self.root / "main"
        self.a = self.root / "a"
        self.make(self.main)
        self.git("worktree", "add", "-q", "-b", "a", str(self.a))
        self.ran = home / "ran"
        self.service = WorktreeService(str(self.root), [], [], Preferences(str(home / "config")))

    @property
    def common(self) -> Path:
        """The repository's git directory."""
        return self.main / ".git"

    def make(self, path: Path, *options: str) -> None:
        """Make a repository with one commit."""
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", *options, at=path)
        (path / "readme.txt").write_text("hello\n")
        self.git("add", ".", at=path)
        self.git("commit", "-q", "-m", "first", at=path)

    def git(self, *arguments: str, at: Path | None = None, fails: bool = False) -> str:
        """Run the user's own git on the host, as the user would."""
        done = subprocess.run(
            ["git", "-C", str(at or self.main), *arguments],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=not fails,
        )  # fmt: skip
        return done.stdout

    def commit(self, at: Path, message: str = "more") -> str:
        """Commit all that is in a worktree, and return the commit."""
        self.git("add", "--all", at=at)
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD", at=at).strip()

    def listed(self, path: Path | None = None) -> ListedWorktree:
        """Return a worktree as it is listed."""
        [found] = [w for w in list_worktrees(str(self.root)) if w.path == str(path or self.a)]
        return found

    def changes(self, path: Path | None = None, since: str = "head") -> Changes:
        """Return what changed in a worktree."""
        return self.service.changes(str(path or self.a), since)

    def statuses(self, path: Path | None = None, since: str = "head") -> dict[str, str]:
        """Return how each file changed."""
        return {file.path: file.status for file in self.changes(path, since).files}

    def add(self, branch: str, **asked: str) -> tuple[Path, list[str]]:
        """Make a worktree, and return where it is and the warnings."""
        made, warnings = self.service.add(NewWorktree(str(self.main), branch, **asked))
        return Path(made.path), warnings

    def apply(self, path: Path | None = None, into: Path | None = None) -> Applied:
        """Merge a worktree."""
        wanted = WorktreeToApply(str(path or self.a), into=str(into) if into else None)
        return self.service.apply(wanted, lambda path, below: None)

    def discard(self, path: Path | None = None) -> Discarded:
        """Drop a worktree."""
        return self.service.discard(
            str(path or self.a),
            lambda path, below: None,
            lambda removal: self.service.remove(removal, lambda directory: None),
        )

    def remove(self, path: Path | None = None) -> None:
        """Remove a worktree, whatever is in it."""
        self.service.remove(self.service.removal(str(path or self.a)), lambda directory: None)

    def unsaved(self, path: Path | None = None) -> list[str]:
        """Return what a removal would lose."""
        return self.service.removal(str(path or self.a)).unsaved()

    def registered(self, path: Path | None = None):
        """Return the repository, and a worktree's entry."""
        return find_repository(str(path or self.a), str(self.root))
