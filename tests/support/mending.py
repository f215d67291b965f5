"""A repository with a bug, and a model that corrects it in whichever worktree its agent works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import git
from providers import Edit, Request
from run_server import RunServer

PROMPT = "Mend the bug in prices.py."
BUG = "def total(prices):\n    return sum(prices) - 1\n"
MENDED = "def total(prices):\n    return sum(prices)\n"
CHECK = "python3 -c 'from prices import total; assert total([1, 2]) == 3'"


@pytest.fixture
def project(run_server: RunServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a bug, below the server's root, as the working directory."""
    main = run_server.lab.root / "main"
    (main / "prices.py").write_text(BUG)
    git(main, "add", ".")
    git(main, "commit", "--quiet", "--message=A bug")
    monkeypatch.chdir(main)
    run_server.client.change_settings(share_auth=True)
    return main


@pytest.fixture
def mends(run_server: RunServer, project: Path) -> None:
    """The model mends the bug, in whichever worktree its agent works."""
    run_server.bench.provider.edit = mended_where_asked(project)


def mended_where_asked(project: Path) -> Callable[[Request], Edit | None]:
    worktrees = project.parent / "main.worktrees"

    def edit(request: Request) -> Edit | None:
        # The agents tell their model where they work; the prompt is the same for all.
        known = worktrees.iterdir() if worktrees.is_dir() else ()
        found = [path for path in known if str(path) in str(request.body)]
        where = max(found, key=lambda path: len(str(path)), default=project)
        return Edit(str(where / "prices.py"), MENDED)

    return edit
