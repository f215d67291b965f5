"""What every test that starts something has around it: a home, a repository, a user to the engine.

Fixtures make them for each test; in rooms whose tests share a server or a page, for each module.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest
from command_line import git

from jupyter_agentauth.engine import Engine
from jupyter_agentauth.owner import owner


@contextmanager
def jupyter_directories(directory: Path) -> Iterator[Path]:
    """Give this process, and those it starts, a home and Jupyter's directories."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("home", "config", "data", "runtime"):
            (directory / name).mkdir()
        for name in ("config", "data", "runtime"):
            patch.setenv(f"JUPYTER_{name.upper()}_DIR", str(directory / name))
        patch.setenv("HOME", str(directory / "home"))
        yield directory / "home"


@contextmanager
def a_user(home: Path) -> Iterator[Path]:
    """Be somebody with a name to git, and a user of one's own to the engine.

    As JupyterHub's users are who share a uid: other tests' containers are neither listed nor
    stopped. They have no network unless a test sets one: a bridge costs the engine half of a start,
    and nothing is there to be reached.
    """
    config = Path(os.environ["JUPYTER_CONFIG_DIR"], "jupyter_server_config.py")
    config.write_text('c.AgentAuth.network = "none"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTERHUB_USER", f"test-{uuid4().hex[:12]}")
        patch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.test\n")
        yield home


def make_repository(home: Path) -> Path:
    """Make a repository with one commit and two linked worktrees beside it, ``a`` and ``b``."""
    main = home / "src" / "main"
    main.mkdir(parents=True)
    git(main, "init", "--quiet", "--initial-branch=main")
    (main / "readme.txt").write_text("hello\n")
    git(main, "add", ".")
    git(main, "commit", "--quiet", "--message=first")
    for name in ("a", "b"):
        git(main, "worktree", "add", "--quiet", "-b", name, str(main.parent / name))
    return main


def reset_repository(main: Path) -> None:
    """Make the repository as `make_repository` made it; its directories stay the same ones."""
    kept = [main, main.parent / "a", main.parent / "b"]
    for entry in main.parent.iterdir():
        if entry not in kept:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    git(main, "worktree", "prune", "--expire=now")
    first = git(main, "log", "--all", "--format=%H", "--grep=^first$").split()[-1]
    for place, branch in zip(kept, ("main", "a", "b"), strict=True):
        git(place, "clean", "--quiet", "-ffdx")
        git(place, "checkout", "--quiet", "--force", "--detach", first)
        git(place, "branch", "--quiet", "--force", branch, first)
        git(place, "checkout", "--quiet", branch)
    for reference in git(main, "for-each-ref", "--format=%(refname)").split():
        if reference not in ("refs/heads/main", "refs/heads/a", "refs/heads/b"):
            git(main, "update-ref", "-d", reference)


def end_containers(engine: Engine) -> None:
    """End all containers of the user whose home it is."""
    for container in engine.containers(owner()):
        # At once: some agents take seconds to leave when they are asked to.
        with suppress(docker.errors.APIError):
            engine.client.api.kill(container.id)
        engine.stop(owner(), container.labels["session"])


def containers_of(engine: Engine) -> list[Any]:
    """List them."""
    return list(engine.containers(owner()))
