"""A git directory of our own for one act: all that git obeys while it works for us is in it.

::

    HEAD     the worktree's commit, as an id         config   fixed values, and a few of the
    objects  ours; those of the repository are       index    user's that `config.py` has checked
             read through `info/alternates`                   ours: from HEAD, by `read-tree`

So no filter, driver, hook, monitor, alias, replaced object or forged index of a repository is
there for it. What git makes is in it alone until it is published, see `publish.py`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from ..nofollow import parent_of, temporary_directory
from .config import LOOKS, USERS_FILES, read_config
from .files import copy, read
from .odd import odd_file
from .repository import Registered, Repository
from .run import GitFailed, run_git

#: For a big worktree, in seconds.
LONG = 600

#: Of git while it makes an index, in bytes: a million files take a third of it.
_INDEX_MEMORY = 1 << 30

_CONFIG = """\
[core]
\trepositoryFormatVersion = 1
\tbare = false
\tfsmonitor = false
\thooksPath = /dev/null
\tcommitGraph = false
\tmultiPackIndex = false
\tuntrackedCache = false
\tsplitIndex = false
\tsafecrlf = false
\tlooseCompression = 1
\tlogAllRefUpdates = false
[index]
\tsparse = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
[protocol]
\tallow = never
[submodule]
\trecurse = false
"""

#: `info/exclude`, `info/attributes`, `shallow`: texts without a command.
_TEXTS, _LARGEST_TEXT = ("info/exclude", "info/attributes", "shallow"), 1 << 22


class PrivateGit:
    """Git in a directory of our own; made by `private_git`.

    Parameters
    ----------
    path : str
        The git directory.
    repository : Repository
    config : mapping
        See `read_config`.
    worktree : str
        Where git looks at files unless told otherwise.
    """

    def __init__(
        self, path: str, repository: Repository, config: Mapping[str, str], worktree: str
    ) -> None:
        self.path = path
        self.repository = repository
        self.config = config
        self.worktree = worktree
        self.index = os.path.join(path, "index")
        #: Where a copy of the worktree's own goes.
        self.their_index = os.path.join(path, "their-index")

    def __call__(
        self,
        *arguments: str,
        stdin: bytes = b"",
        index: str = "",
        directory: str = "",
        timeout: float = LONG,
    ) -> str:
        """Run git, and return what it printed.

        Parameters
        ----------
        index : str
            Another index than `index`.
        directory : str
            Another worktree than `worktree`.

        Raises
        ------
        GitFailed
        """
        output, whole = self.beginning(
            *arguments, stdin=stdin, index=index, directory=directory, timeout=timeout
        )
        if not whole:
            raise GitFailed(f"git {arguments[0]} has too much to say")
        return os.fsdecode(output)

    def beginning(
        self,
        *arguments: str,
        stdin: bytes = b"",
        index: str = "",
        directory: str = "",
        timeout: float = LONG,
        limit: int = 1 << 28,
        read: Callable[[IO[bytes]], object] | None = None,
        **bounds: int,
    ) -> tuple[bytes, bool]:
        """Run git, and return the beginning of what it printed, and whether that is all.

        Parameters
        ----------
        read : callable, optional
            Reads what it prints, in place of returning it.
        **bounds
            See `run_git`.

        Raises
        ------
        GitFailed
        """
        environment = {
            "GIT_DIR": self.path,
            "GIT_INDEX_FILE": index or self.index,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_OPTIONAL_LOCKS": "1",
        }
        directory = directory or self.worktree
        objects = os.path.join(self.repository.common, "objects")
        try:
            return run_git(
                arguments, directory, environment, stdin, timeout, limit,
                odd=lambda: odd_file(directory, objects), read=read, **bounds,
            )  # fmt: skip
        except GitFailed as error:
            said = str(error).replace(f"{self.path}/", "")
            raise type(error)(said, error.output) from None

    def scratch(self, name: str) -> str:
        """Make an empty directory in it, which goes with it."""
        path = os.path.join(self.path, name)
        os.mkdir(path)
        return path

    def read_tree(self, commit: str | None, timeout: float = LONG) -> None:
        """Put a commit into the index; what is known of unchanged files stays known.

        A few directories that hold each other many times make billions of files.

        Raises
        ------
        GitFailed
        """
        words = ("-m", "-i", commit) if commit else ("--empty",)
        self.beginning("read-tree", *words, timeout=timeout, memory=_INDEX_MEMORY)


@contextmanager
def private_git(repository: Repository, worktree: Registered | None = None) -> Iterator[PrivateGit]:
    """Make a git directory of ours for a worktree, or for a repository alone.

    Raises
    ------
    GitFailed
    """
    config = repository.config
    _check_objects(repository.common)
    if worktree and worktree.entry and config.get("extensions.worktreeconfig") == "true":
        config = read_config(os.path.join(repository.common, worktree.entry), repository.common)
    with temporary_directory("agentauth-git-") as path:
        for name in ("objects/info", "objects/pack", "refs", "info", "empty"):
            os.makedirs(os.path.join(path, name))
        head = worktree.commit if worktree else None
        if worktree and config.get("core.sparsecheckout") == "true":
            place = os.path.join(worktree.entry, "info/sparse-checkout")
            copy(repository.common, place, f"{path}/info/sparse-checkout", _LARGEST_TEXT)
        _write(path, "HEAD", head or "ref: refs/heads/none")
        _write(path, "config", _CONFIG + _values(config) + _users_files(path, config))
        _write(path, "objects/info/alternates", _quoted(f"{repository.common}/objects"))
        for name in _TEXTS:
            text = read(repository.common, name, _LARGEST_TEXT)
            if text is not None:
                _write(path, name, os.fsdecode(text))
        directory = worktree.path if worktree else os.path.join(path, "empty")
        yield PrivateGit(path, repository, config, directory)


def _check_objects(common: str) -> None:
    """Refuse links among the objects: they would lead git to another repository's."""
    try:
        for place in ("objects", "objects/pack"):
            with parent_of(common, f"{place}/x") as (directory, _), _scanned(directory) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise GitFailed(f"{place}/{entry.name} is a symbolic link")
    except FileNotFoundError:
        return
    except OSError as error:
        raise GitFailed(f"its objects can't be read: {error.strerror}") from None


@contextmanager
def _scanned(directory: int) -> Iterator[Iterator[os.DirEntry[str]]]:
    # What was opened to pass through can't be read.
    readable = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
    try:
        with os.scandir(readable) as entries:
            yield entries
    finally:
        os.close(readable)


def _users_files(path: str, config: Mapping[str, str]) -> str:
    """Copy the texts that the configuration names; git would read whatever is there."""
    lines = []
    for key in USERS_FILES:
        _, name = key.split(".")
        with suppress(OSError), open(config[key], "rb", opener=_opener) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                text = os.fsdecode(file.read(_LARGEST_TEXT))
                _write(path, name, text)
                lines.append(f"[core]\n\t{name} = {_quoted(os.path.join(path, name))}\n")
    return "".join(lines)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _values(config: Mapping[str, str]) -> str:
    lines = []
    for key in LOOKS.keys() & config.keys():
        section, name = key.split(".")
        lines.append(f"[{section}]\n\t{name} = {_quoted(config[key])}\n")
    return "".join(sorted(lines))


def _quoted(value: str) -> str:
    """Quote a value as git's configuration and its list of alternates have it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _write(path: str, name: str, text: str) -> None:
    with open(os.path.join(path, name), "x", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text if text.endswith("\n") else f"{text}\n")
