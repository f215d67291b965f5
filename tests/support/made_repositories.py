"""Repositories for tests that need git and nothing else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.test"))
}


def git(directory: Path, *arguments: str, check: bool = True) -> str:
    """Run the user's own git on the host; what it says on stderr comes, too."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **IDENTITY, "GIT_CONFIG_NOSYSTEM": "1"},
    )
    assert not check or done.returncode == 0, done.stdout
    return done.stdout


def make_repository(directory: Path, *options: str) -> Path:
    """Make a repository with one commit, whose message is the directory's name."""
    directory.mkdir(parents=True, exist_ok=True)
    git(directory, "init", "--quiet", "--initial-branch=main", *options)
    (directory / "file").write_text(f"{directory.name}\n")
    git(directory, "add", ".")
    git(directory, "commit", "--quiet", f"--message={directory.name}")
    return directory


def make_linked(repository: Path, path: Path) -> Path:
    """Make a linked worktree on a branch of its directory's name."""
    git(repository, "worktree", "add", "--quiet", "-b", path.name, str(path))
    return path
