"""Git LFS without its program: pointers are compared, made and filled here.

A pointer is three lines with the SHA-256 and the size of a file, which itself lies in
``lfs/objects`` of the repository (git-lfs, ``docs/spec.md``).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from ..nofollow import open_file, parent_of
from .files import check_space, replacing
from .private import PrivateGit

#: A file of more is no pointer.
_LONGEST = 1024

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n"
    rb"oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})\n"
)

#: Device, inode, size and times of a file, then its SHA-256.
_Known = dict[str, list[object]]


@dataclass(frozen=True)
class Pointer:
    """What git keeps in the place of a large file."""

    oid: str
    size: int

    @property
    def text(self) -> bytes:
        """The form in which git has it."""
        return (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.oid}\nsize {self.size}\n"
        ).encode()

    @property
    def place(self) -> str:
        """Where the file lies in the repository's git directory."""
        return f"lfs/objects/{self.oid[:2]}/{self.oid[2:4]}/{self.oid}"


def parse_pointer(text: bytes) -> Pointer | None:
    """Return the pointer that a file is; ``None`` for any other file."""
    match = _POINTER.fullmatch(text)
    return Pointer(match[1].decode(), int(match[2])) if match else None


def pointers(own: PrivateGit, objects: Iterable[str]) -> dict[str, Pointer]:
    """Return those of these objects that are pointers."""
    wanted = "\n".join(objects).encode()
    listing = own("cat-file", "--batch-check", stdin=wanted)
    sizes = (entry.split(" ") for entry in listing.split("\n"))
    small = [fields[0] for fields in sizes if len(fields) == 3 and int(fields[2]) <= _LONGEST]
    output = os.fsencode(own("cat-file", "--batch", stdin="\n".join(small).encode()))
    found, start = {}, 0
    for object_id in small:
        end = output.index(b"\n", start)
        size = int(output[start:end].rsplit(b" ", 1)[1])
        pointer = parse_pointer(output[end + 1 : end + 1 + size])
        start = end + size + 2
        if pointer is not None:
            found[object_id] = pointer
    return found


def pointer_of(root: str | int, name: str, known: _Known) -> Pointer:
    """Return the pointer that stands for a file of a worktree.

    Parameters
    ----------
    known : dict
        What was read before, by name; added to.

    Raises
    ------
    OSError
    """
    with parent_of(root, name) as (directory, last), open_file(directory, last) as file:
        status = os.fstat(file.fileno())
        if status.st_size <= _LONGEST and (pointer := parse_pointer(file.read())):
            return pointer
        # Its content can't change without its ctime, but through a mapping that was open before.
        stamp: list[object] = [
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        ]  # fmt: skip
        if known.get(name, [])[:-1] != stamp:
            file.seek(0)
            known[name] = [*stamp, _sha256(file)]
    return Pointer(str(known[name][-1]), status.st_size)


def store(own: PrivateGit, root: str | int, names: Iterable[str]) -> None:
    """Put files of a worktree where git-lfs looks for them.

    Raises
    ------
    OSError
    """
    for name in names:
        read: _Known = {}
        pointer = pointer_of(root, name, read)
        if name not in read:
            continue  # It is a pointer itself.
        # An agent can write a pointer to any object, and another file while it is read.
        if os.path.lexists(os.path.join(own.repository.common, pointer.place)):
            continue
        check_space(own.repository.common, pointer.size)
        with (
            parent_of(root, name) as (directory, last),
            open_file(directory, last) as source,
            replacing(own.repository.common, pointer.place) as file,
        ):
            if not _copied(source, file, pointer):
                raise OSError(errno.ESTALE, "it was changed meanwhile", name)


def fill(own: PrivateGit, root: str | int, names: Iterable[str]) -> list[str]:
    """Put large files in the place of their pointers in a checkout, where the repository has them.

    Returns
    -------
    list of str
        Those that it has not.
    """
    missing = []
    for name in names:
        with suppress(FileNotFoundError), parent_of(root, name) as (directory, last):
            with open_file(directory, last) as file:
                pointer = parse_pointer(file.read(_LONGEST + 1))
                mode = os.fstat(file.fileno()).st_mode
            if pointer is not None and not _filled(own, pointer, directory, last, mode & 0o777):
                missing.append(name)
    return missing


def _filled(own: PrivateGit, pointer: Pointer, directory: int, name: str, mode: int) -> bool:
    try:
        with (
            parent_of(own.repository.common, pointer.place) as (parent, last),
            open_file(parent, last) as source,
            replacing(directory, name, mode) as file,
        ):
            check_space(own.repository.common, os.fstat(source.fileno()).st_size)
            if not _copied(source, file, pointer):
                raise OSError(f"{pointer.place} is not what it is named after")
    except OSError:
        return False
    return True


def _copied(source: BinaryIO, target: BinaryIO, pointer: Pointer) -> bool:
    """Copy a file; whether it is what a pointer says."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return (digest.hexdigest(), size) == (pointer.oid, pointer.size)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
