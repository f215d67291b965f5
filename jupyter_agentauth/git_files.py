"""Where a worktree's git data lies, read from git's own files: no git is started for it.

A worktree's ``.git`` file can name any directory, and an agent may have written it. So git data
outside of the worktree counts only where it names the worktree in turn, and a symbolic link
anywhere on the way is refused.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import BadRequest, shown
from .git import GitFailed, git
from .nofollow import identity, open_file, parent_of

#: Git's own files of one line hold a path.
_LONGEST = 65536

#: What an object store holds; ``tmp_*`` and the like are what a killed git left.
_IN_OBJECT_STORE = re.compile(r"[0-9a-f]{2}|info|pack|tmp_.*|incoming-.*")

#: How long a chain of alternates git follows (2.39, ``link_alt_odb_entries``).
_LONGEST_CHAIN = 5


@dataclass(frozen=True)
class GitData:
    """The git directories of one worktree; all paths are absolute, without a link on the way.

    Parameters
    ----------
    own : str
        This worktree's own git directory.
    common : str
        The repository's; equal to ``own`` but in a linked worktree.
    """

    top: str
    own: str
    common: str

    @property
    def linked(self) -> bool:
        """Whether it is a linked worktree."""
        return self.own != self.common


def find_top(directory: str) -> str | None:
    """Return the nearest directory at or above that has a ``.git``, as git would find it."""
    device = os.stat(directory).st_dev
    for path in (Path(directory), *Path(directory).parents):
        with suppress(OSError):
            if path.stat().st_dev != device:
                return None  # Git does not look beyond a mount point either.
            if os.path.lexists(path / ".git"):
                return str(path)
    return None


def is_git_directory(path: str) -> bool:
    """Whether a directory is one that git would take for a repository's own."""
    return os.path.isfile(os.path.join(path, "HEAD")) and (
        os.path.isfile(os.path.join(path, "commondir"))
        or all(os.path.isdir(os.path.join(path, name)) for name in ("objects", "refs"))
    )


def git_data(top: str) -> GitData:
    """Find the git data of the worktree with this root.

    Raises
    ------
    BadRequest
        With one sentence when it is not this worktree's, or a link is on the way.
    """
    pointer = os.path.join(top, ".git")
    if os.path.islink(pointer):
        raise BadRequest(
            f"{shown(pointer)} is a symbolic link, which an agent could replace: put a file there "
            "that says 'gitdir: PATH' instead.",
            "bad_worktree",
        )
    if os.path.isdir(pointer):
        found = GitData(top, pointer, _common(pointer))
        if found.linked:
            raise _not_its_own(found, f"{shown(found.own)} names another git directory")
        return found
    own = _named(top, _line(pointer).removeprefix("gitdir: "))
    found = GitData(top, own, _common(own))
    _check_points_back(found)
    return found


def git_directory_around(directory: str) -> str | None:
    """Return the git directory of the outermost checkout around a directory; ``None`` without."""
    for path in (*reversed(Path(directory).parents), Path(directory)):
        pointer = str(path / ".git")
        if os.path.isdir(pointer):
            return os.path.realpath(pointer)
        if os.path.lexists(pointer):
            try:
                return _named(str(path), _line(pointer).removeprefix("gitdir: "))
            except BadRequest:
                return pointer
    return None


def borrowed_stores(common: str) -> tuple[list[str], list[str]]:
    """Return the object stores that a repository borrows from, and a sentence for each bad one.

    A file of the repository names them (``objects/info/alternates``), and they name nothing in
    turn: those count that hold nothing but objects.
    """
    found: dict[str, None] = {}
    warnings: list[str] = []
    level = [os.path.join(common, "objects")]
    for _ in range(_LONGEST_CHAIN):
        named = [path for store in level for path in _alternates(store, warnings)]
        level = [path for path in dict.fromkeys(named) if path not in found]
        found.update(dict.fromkeys(level))
    return list(found), warnings


def _check_points_back(found: GitData) -> None:
    own, top = found.own, found.top
    if found.linked:
        if os.path.dirname(own) != os.path.join(found.common, "worktrees"):
            raise _not_its_own(found, f"{shown(own)} is no part of {shown(found.common)}")
        pointer = os.path.join(top, ".git")
        # Git 2.48 can write it relative to the directory that it stands in.
        named = os.path.normpath(os.path.join(own, _line(os.path.join(own, "gitdir"))))
        if named != pointer and os.path.realpath(named) != pointer:
            raise _not_its_own(
                found,
                f"{shown(own)} is the worktree {shown(os.path.dirname(named))}'s",
                f"`git worktree repair {shown(top)}`, run in the repository, claims it if it was "
                "moved",
            )
    elif not own.startswith(top + "/") and _configured_worktree(own) != top:
        raise _not_its_own(
            found,
            f"{shown(own)} does not name it",
            f"if it is, `git --git-dir={shown(own)} config core.worktree {shown(top)}` says so",
        )


def _not_its_own(found: GitData, why: str, remedy: str = "") -> BadRequest:
    remedy = f"; {remedy}" if remedy else ""
    return BadRequest(
        f"The git data that {shown(os.path.join(found.top, '.git'))} names is not this "
        f"worktree's ({why}), so it is not mounted{remedy}.",
        "bad_worktree",
    )


def _configured_worktree(git_directory: str) -> str | None:
    with suppress(GitFailed):
        config = os.path.join(git_directory, "config")
        named = git("/", "config", "--file", config, "--get", "core.worktree")
        return os.path.realpath(os.path.join(git_directory, named))
    return None


def _common(own: str) -> str:
    path = os.path.join(own, "commondir")
    return _named(own, _line(path)) if os.path.lexists(path) else own


def _named(where: str, named: str) -> str:
    """Return the directory that a file in ``where`` names, if no link is on the way."""
    path = os.path.normpath(os.path.join(where, named))
    try:
        if stat.S_ISDIR(identity(path)[2]):
            return path
        why = "is no directory"
    except ValueError:
        why = "is no path"
    except OSError as error:
        why = f"cannot be opened without following a link ({error.strerror})"
    raise BadRequest(
        f"Git data of {shown(where)} is said to be in {shown(path)}, which {why}.", "bad_worktree"
    )


def _line(path: str) -> str:
    """Return the one line of a file of git's own."""
    try:
        with parent_of("/", path) as (parent, name), open_file(parent, name) as file:
            return os.fsdecode(file.read(_LONGEST)).rstrip("\r\n")
    except OSError as error:
        why = error.strerror or str(error)
        raise BadRequest(f"{shown(path)} cannot be read ({why}).", "bad_worktree") from None


def _alternates(store: str, warnings: list[str]) -> Iterator[str]:
    path = os.path.join(store, "info", "alternates")
    if not os.path.lexists(path):
        return
    try:
        lines = _line(path).split("\n")
    except BadRequest as error:
        warnings.append(error.message)
        return
    for line in filter(None, lines):
        if line.startswith("#"):
            continue
        named = os.path.normpath(os.path.join(store, line))
        if os.path.realpath(named) == named and _is_object_store(named):
            yield named
        else:
            warnings.append(
                f"Objects are borrowed from {shown(line)}, which is not mounted since it is no "
                "store of objects alone: git may miss some in this session."
            )


def _is_object_store(path: str) -> bool:
    try:
        names = os.listdir(path)
    except OSError:
        return False
    return "pack" in names and all(map(_IN_OBJECT_STORE.fullmatch, names))
