"""Run git on the host, in repositories that an agent may have written to."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping

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
    """Git exited with an error; the text is the last line that it wrote.

    Parameters
    ----------
    words : str
        All that it wrote on stderr.
    output : str
        What it printed.
    """

    def __init__(self, message: str, words: str = "", output: str = "") -> None:
        super().__init__(message)
        self.words = words
        self.output = output


def git(
    directory: str,
    *arguments: str,
    config: bool = False,
    timeout: float = 20,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> str:
    """Run a git command and return what it printed, without the last newline.

    Parameters
    ----------
    directory : str
        Where to run it.
    config : bool
        Read the configuration as it is, without our own safe values over it. Only for
        commands that run nothing.
    timeout : float
        Seconds that it may take.
    environment : mapping, optional
        Variables of git's own, such as ``GIT_INDEX_FILE``.
    stdin : bytes
        What it reads.

    Raises
    ------
    GitFailed
        When git is missing, takes too long or exits with an error.
    """
    command = ["git", *(() if config else _SAFE), "-C", directory, *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            input=stdin,
            env=_environment(environment),
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git {arguments[0]} took too long") from None
    if done.returncode:
        raise _failed(arguments[0], done.stderr, done.stdout)
    return os.fsdecode(done.stdout).removesuffix("\n")


def git_beginning(
    directory: str,
    *arguments: str,
    limit: int,
    timeout: float,
    environment: Mapping[str, str] | None = None,
) -> tuple[bytes, bool]:
    """Run a git command and return the beginning of what it printed, and whether that is all.

    Parameters
    ----------
    limit : int
        Bytes; the command is ended when it prints more.

    Raises
    ------
    GitFailed
        As `git`.
    """
    with tempfile.TemporaryFile() as words:
        try:
            process = subprocess.Popen(
                ["git", *_SAFE, "-C", directory, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                env=_environment(environment),
            )
        except FileNotFoundError:
            raise GitFailed("git is not installed") from None
        late = threading.Timer(timeout, process.kill)
        late.start()
        with process:
            assert process.stdout is not None
            output = process.stdout.read(limit + 1)
            whole = len(output) <= limit
            if not whole:
                process.kill()
            ended = process.wait()
        in_time = late.is_alive()
        late.cancel()
        if whole and ended:
            words.seek(0)
            raise (
                _failed(arguments[0], words.read())
                if in_time
                else GitFailed(f"git {arguments[0]} took too long")
            )
    return output[:limit], whole


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    # GIT_DIR and the like would point every call at another repository.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return {**environment, **_ENVIRONMENT, **(more or {})}


def _failed(command: str, stderr: bytes, stdout: bytes = b"") -> GitFailed:
    words = stderr.decode(errors="replace")
    lines = words.strip().splitlines()
    last = lines[-1] if lines else f"git {command} failed"
    return GitFailed(last, words, os.fsdecode(stdout))
