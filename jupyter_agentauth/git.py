"""Run git on the host, in repositories that an agent may have written to."""

from __future__ import annotations

import os
import subprocess

#: Nothing that a repository's configuration names is started by our own calls, and no
#: lock is taken that an agent's git would trip over.
_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "safe.bareRepository=explicit",
    "--no-optional-locks",
)  # fmt: skip

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
}


class GitFailed(Exception):
    """Git exited with an error; the text is the last line that it wrote."""


def git(directory: str, *arguments: str, config: bool = False) -> str:
    """Run a git command and return what it printed, without the last newline.

    Parameters
    ----------
    directory : str
        Where to run it.
    config : bool
        Read the configuration as it is, without our own safe values over it. Only for
        commands that run nothing.

    Raises
    ------
    GitFailed
        When git is missing, takes over 20 seconds or exits with an error.
    """
    command = ["git", *(() if config else _SAFE), "-C", directory, *arguments]
    # GIT_DIR and the like would point every call at another repository.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment.update(_ENVIRONMENT)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            timeout=20,
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git {arguments[0]} took too long") from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitFailed(lines[-1] if lines else f"git {arguments[0]} failed")
    return os.fsdecode(done.stdout).removesuffix("\n")
