"""The references of a repository, read from git's own files, and moved by compare-and-swap.

A branch is ``refs/heads/NAME`` here, whatever else is called so. Locks are git's own
(``NAME.lock``), so that git and we never write the same at once.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ..nofollow import open_file, parent_of
from .files import create, line, names, read, replacing
from .run import GitFailed

HEADS = "refs/heads/"

ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

#: Of packed references, in bytes, and of loose ones.
_PACKED, _MOST = 1 << 24, 100_000

_DEPTH = 20

#: Where ``packed-refs`` lies, if that is our link to it: agents of linked worktrees lock it there.
_MOVED = "agentauth/packed-refs"

#: What git takes for no reference (``git check-ref-format``).
_BAD = re.compile(r"[\0-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[./]|[./]$|^@$")


@dataclass(frozen=True)
class Log:
    """What a reflog says of a move: who did what."""

    name: str
    email: str
    words: str


class Refs:
    """The references of a repository.

    Parameters
    ----------
    common : str
        Its git directory, without a link on the way.
    """

    def __init__(self, common: str) -> None:
        self.common = common

    def head(self, entry: str = "") -> tuple[str | None, str | None]:
        """Return the branch and the commit of a worktree; each can be ``None``.

        Parameters
        ----------
        entry : str
            The worktree's own part: ``worktrees/NAME``; empty for the main worktree.

        Raises
        ------
        GitFailed
        """
        text = line(self.common, os.path.join(entry, "HEAD"))
        if text is not None and ID.fullmatch(text):
            return None, text
        name = (text or "").removeprefix("ref: ").strip()
        if text is None or not text.startswith("ref: ") or not valid(name):
            raise GitFailed("its HEAD names neither a branch nor a commit")
        return name.removeprefix(HEADS) if name.startswith(HEADS) else None, self.get(name)

    def get(self, name: str) -> str | None:
        """Return the object that a full name (``refs/heads/main``) stands for.

        Raises
        ------
        GitFailed
        """
        for _ in range(5):
            if not valid(name):
                return None
            text = line(self.common, name)
            if text is None:
                return self._packed_value(name)
            if not text.startswith("ref: "):
                return _id(name, text)
            name = text.removeprefix("ref: ").strip()
        raise GitFailed(f"the reference {name} leads to itself")

    def all(self) -> dict[str, str]:
        """Return all of them, by full name.

        Raises
        ------
        GitFailed
        """
        found = self.packed()
        for name in self._loose("refs"):
            text = line_or_none(self.common, name) or ""
            if ID.fullmatch(text) and valid(name):
                found[name] = text
        return found

    def _packed_value(self, name: str) -> str | None:
        content = read(self.common, self._packed_place(), _PACKED) or b""
        end = content.find(b" " + os.fsencode(name) + b"\n")
        value = content[: max(0, end)].rpartition(b"\n")[2].decode(errors="replace")
        return value if ID.fullmatch(value) else None

    def packed(self) -> dict[str, str]:
        """Return those in ``packed-refs``.

        Raises
        ------
        GitFailed
        """
        content = read(self.common, self._packed_place(), _PACKED) or b""
        found = {}
        for entry in os.fsdecode(content).splitlines():
            value, _, name = entry.partition(" ")
            if ID.fullmatch(value) and valid(name):
                found[name] = value
        return found

    def update(self, name: str, new: str, old: str | None, log: Log) -> None:
        """Move a reference, if it is where it was; ``None`` for one that must be new.

        Raises
        ------
        GitFailed
        """
        with self.moving(name, new, old, log):
            pass

    @contextmanager
    def moving(self, name: str, new: str, old: str | None, log: Log) -> Iterator[None]:
        """Keep others from moving a reference, and move it when the block is left.

        Raises
        ------
        GitFailed
            Before the block if it is not where it was.
        """
        if not valid(name):
            raise GitFailed(f"{name} is not a valid reference name")
        self._check_free(name)
        with self._locked(name):
            if self.get(name) != old:
                raise GitFailed(f"{name} was moved meanwhile")
            yield
            with self._errors(name), replacing(self.common, name) as file:
                file.write(f"{new}\n".encode())
            self.write_log(f"logs/{name}", old or "0" * len(new), new, log)

    def delete(self, name: str, old: str) -> None:
        """Delete a reference, if it is where it was.

        Raises
        ------
        GitFailed
        """
        with self._locked(name):
            if self.get(name) != old:
                raise GitFailed(f"{name} was moved meanwhile")
            self._delete_packed(name)
            with self._errors(name), suppress(FileNotFoundError):
                self._unlink(name)
            with suppress(OSError):
                self._unlink(f"logs/{name}")
        self._remove_empty(name)

    def _delete_packed(self, name: str) -> None:
        if name not in self.packed():
            return
        place = self._packed_place()
        with self._locked(place), self._errors(place):
            content = read(self.common, place, _PACKED) or b""
            left, passed = [], False
            for entry in content.splitlines(keepends=True):
                # The line behind begins with ^ and says what a tag leads to.
                passed = entry.partition(b" ")[2].rstrip(b"\n") == os.fsencode(name) or (
                    passed and entry.startswith(b"^")
                )
                if not passed:
                    left.append(entry)
            with replacing(self.common, place) as file:
                file.writelines(left)

    def _packed_place(self) -> str:
        with suppress(OSError), parent_of(self.common, "packed-refs") as (directory, name):
            if os.readlink(name, dir_fd=directory) == _MOVED:
                return _MOVED
        return "packed-refs"

    def _check_free(self, name: str) -> None:
        """Refuse a name that is another one's directory, or lies below one."""
        parts = name.split("/")
        above = {"/".join(parts[:end]) for end in range(1, len(parts))}
        taken = self.packed().keys()
        found = next((r for r in taken if r in above or r.startswith(f"{name}/")), None)
        if found is None and self._loose_below(name):
            found = f"{name}/…"
        found = found or next((r for r in above if line_or_none(self.common, r)), None)
        if found is not None:
            raise GitFailed(f"there is a reference {found}, which leaves no room for {name}")

    def _loose_below(self, name: str) -> bool:
        return next(self._loose(name), None) is not None

    def _loose(self, top: str) -> Iterator[str]:
        left, seen = [(top, 0)], 0
        while left:
            directory, depth = left.pop()
            if depth > _DEPTH:
                raise GitFailed("its references lie too deep")
            for name, is_directory in names(self.common, directory, _MOST):
                seen += 1  # Whatever it is: looking at it takes its time.
                if seen > _MOST:
                    raise GitFailed(f"it has more than {_MOST:,} references")
                if is_directory:
                    left.append((f"{directory}/{name}", depth + 1))
                elif not name.endswith(".lock"):
                    yield f"{directory}/{name}"

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        with self._errors(name):
            create(self.common, f"{name}.lock", b"")
        try:
            yield
        finally:
            with suppress(OSError):
                self._unlink(f"{name}.lock")

    def _unlink(self, name: str) -> None:
        with parent_of(self.common, name) as (directory, last):
            os.unlink(last, dir_fd=directory)

    def _remove_empty(self, name: str) -> None:
        """Remove directories that would be in the way of a reference of that name."""
        for place in (name, f"logs/{name}"):
            while (place := os.path.dirname(place)).count("/") > place.startswith("logs/") + 1:
                with suppress(OSError), parent_of(self.common, place) as (directory, last):
                    os.rmdir(last, dir_fd=directory)

    @contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise GitFailed(f"{name}.lock exists: another git is at work, or was killed") from None
        except OSError as error:
            raise GitFailed(f"{name} can't be written: {error.strerror}") from None

    def write_log(self, place: str, old: str, new: str, log: Log) -> None:
        """Add a line to a reflog; one of a branch is made if need be, as git does."""
        entry = f"{old} {new} {log.name} <{log.email}> {int(time.time())} +0000\t{log.words}\n"
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        if place.startswith(f"logs/{HEADS}"):
            flags |= os.O_CREAT
        with suppress(OSError), parent_of(self.common, place, make=True) as (directory, last):
            descriptor = os.open(last, flags, 0o666, dir_fd=directory)
            with open(descriptor, "ab") as file, open_file(directory, last):
                file.write(os.fsencode(entry))


def valid(name: str) -> bool:
    """Whether git takes it for the full name of a reference."""
    return name.startswith("refs/") and not _BAD.search(name)


def line_or_none(common: str, name: str) -> str | None:
    """Return the line of a loose reference; ``None`` also for a directory."""
    with suppress(GitFailed):
        return line(common, name)
    return None


def _id(name: str, text: str) -> str:
    if ID.fullmatch(text):
        return text
    raise GitFailed(f"the reference {name} names no object")
