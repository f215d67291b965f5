"""Run git on the host: no variable of ours reaches it, and each call is bounded in time."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import IO

from .paths import outermost

#: Where the user's own configuration lies; the one thing that git is told of our environment.
_PASSED = ("HOME", "XDG_CONFIG_HOME")

_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "safe.bareRepository=explicit",
)  # fmt: skip

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}

#: Of its own, in bytes, so that nothing that it reads makes it take all there is.
_MEMORY = 4 << 30

#: A call that takes longer may wait for something that is no file.
_SUSPICIOUS_SECONDS = 2.0


class GitFailed(Exception):
    """Git exited with an error, or a repository is not what it must be.

    Parameters
    ----------
    message : str
        Why, without a full stop: it stands in a sentence.
    output : bytes
        What git printed.
    """

    def __init__(self, message: str, output: bytes = b"") -> None:
        super().__init__(message)
        self.output = output


class TooLong(GitFailed):
    """Git was ended, since it took longer than it may."""


def git(directory: str, *arguments: str, config: bool = False, timeout: float = 20) -> str:
    """Run a git command that starts no other program, such as ``git config --list``.

    Parameters
    ----------
    config : bool
        Read the configuration as it is, without our own safe values over it.

    Returns
    -------
    str
        What it printed, without the last newline.

    Raises
    ------
    GitFailed
        When git is missing, takes too long or exits with an error.
    """
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    words = (*(() if config else _SAFE), *arguments)
    output, _ = run_git(words, directory, environment, timeout=timeout)
    return os.fsdecode(output).removesuffix("\n")


def run_git(
    arguments: tuple[str, ...],
    directory: str,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float = 20,
    limit: int = 1 << 28,
    odd: Callable[[], str | None] = lambda: None,
    read: Callable[[IO[bytes]], object] | None = None,
    memory: int = _MEMORY,
) -> tuple[bytes, bool]:
    """Run git with these variables alone.

    Parameters
    ----------
    limit : int
        Bytes; the command is ended when it prints more.
    odd : callable
        Asked after two seconds: names what git may be waiting for, and it is ended.
    read : callable
        Reads what it prints, in place of all that returns it.
    memory : int
        Of its own, in bytes.

    Returns
    -------
    output : bytes
    whole : bool
        Whether that is all.

    Raises
    ------
    GitFailed
    """
    ended, ends, too_long = threading.Event(), "", f"{_command(arguments)} took too long"

    def watch() -> None:
        nonlocal ends
        if ended.wait(min(_SUSPICIOUS_SECONDS, timeout)):
            return
        reason = None
        with suppress(Exception):  # Whatever it comes upon, git is ended in time.
            reason = odd()
        if reason or not ended.wait(max(0, timeout - _SUSPICIOUS_SECONDS)):
            ends = reason or too_long
            process.kill()

    with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        process = _started(arguments, directory, environment, given, words, memory)
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        assert process.stdout is not None
        output, whole = b"", True
        try:
            if read is None:
                output = process.stdout.read(limit + 1)
                whole = len(output) <= limit
            else:
                read(process.stdout)
            if not whole:
                process.kill()
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
            ended.set()
            watcher.join()
        if ends and ends == too_long:
            raise TooLong(ends, output)
        if ends or (whole and code):
            words.seek(0)
            raise GitFailed(ends or _last_line(words.read(), arguments), output)
    return output[:limit], whole


def _started(
    arguments: tuple[str, ...],
    directory: str,
    environment: Mapping[str, str],
    given: IO[bytes],
    words: IO[bytes],
    memory: int,
) -> subprocess.Popen[bytes]:
    try:
        process = subprocess.Popen(
            [_program(), *arguments], cwd=directory, env={**_ENVIRONMENT, **environment},
            stdin=given, stdout=subprocess.PIPE, stderr=words,
        )  # fmt: skip
    except OSError as error:
        raise GitFailed(f"{directory}: {error.strerror}") from None
    with suppress(OSError):  # It may have ended by now.
        if sys.platform == "linux":
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (memory, memory))
    return process


@cache
def _program() -> str:
    """Find git where no agent works: an environment can lie in a worktree, and be in the path."""
    for directory in os.get_exec_path():
        program = os.path.join(directory, "git")
        is_there = os.path.isabs(directory) and os.access(program, os.X_OK)
        if is_there and outermost(os.path.realpath(directory)) is None:
            return program
    raise GitFailed("git is not installed")


def _last_line(stderr: bytes, arguments: tuple[str, ...]) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    if not lines:
        return f"{_command(arguments)} failed"
    last = lines[-2:] if lines[-1].startswith("\t") else lines[-1:]
    return " ".join(line.strip() for line in last).removeprefix("fatal: ")


def _command(arguments: tuple[str, ...]) -> str:
    """Name the command, behind what was set with ``-c KEY=VALUE``."""
    start = 0
    while arguments[start] == "-c":
        start += 2
    return f"git {arguments[start]}"
