"""``jupyter agentauth`` and ``git``, as a user types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: A key of no provider; searched for in every place where it must not be.
FAKE_KEY = "sk-agentauth-test-0123456789abcdef"


def git(directory: Path, *arguments: str) -> str:
    """Run the user's own git on the host, as the user would."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


class CommandLine:
    """``jupyter agentauth`` as a user types it."""

    def __call__(
        self, *arguments: str, cwd: Path | None = None, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*self.argv, *arguments],
            cwd=cwd,
            input=stdin,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=240,  # Eight OpenCodes at once on two busy cores took 97 s (seen).
            check=False,
        )

    @property
    def argv(self) -> list[str]:
        """The command's first words."""
        return [str(Path(sys.executable).parent / "jupyter"), "agentauth"]
