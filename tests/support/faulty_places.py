"""Places that cannot be written: a full file system, a read-only one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from second_engine import FaultConditions

#: In the form that Claude Code 2.1.331 stores; it ends in the year 2100.
SIGN_IN = json.dumps(
    {
        "claudeAiOauth": {
            "accessToken": "sk-ant-oat01-kept",
            "refreshToken": "sk-ant-ort01-kept",
            "expiresAt": 4_102_444_800_000,
            "scopes": ["user:inference"],
        }
    }
)


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Leave not one block of the file system free for a while."""
    filler = place / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_SYNC)
    try:
        for size in (65536, 4096, 1024, 1):
            try:
                while os.write(descriptor, b"x" * size):
                    pass
            except OSError:
                continue
        yield
    finally:
        os.close(descriptor)
        filler.unlink()


def empty(place: Path) -> None:
    """Remove all that a test left there."""
    for entry in place.iterdir():
        if entry.is_dir() and entry.name != "lost+found":
            for directory, _, _ in os.walk(entry):
                Path(directory).chmod(0o700)
            shutil.rmtree(entry)
        elif not entry.is_dir():
            entry.unlink()


def sign_in(store: Path, place: str = ".claude/.credentials.json") -> Path:
    """Store a sign-in of Claude Code's and return its file."""
    file = store / "claude" / place
    file.parent.mkdir(parents=True, mode=0o700)
    for directory in (file.parent, file.parent.parent, store):
        directory.chmod(0o700)
    file.write_text(SIGN_IN)
    file.chmod(0o600)
    return file


def files(place: Path) -> dict[str, str]:
    """Everything there, with its text."""
    return {
        str(path.relative_to(place)): path.read_text()
        for path in place.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def small(faults: FaultConditions) -> Iterator[Path]:
    """A file system of 2 MiB, empty."""
    place = faults.path / "small"
    empty(place)
    yield place
    empty(place)


@pytest.fixture
def read_only(faults: FaultConditions) -> Iterator[tuple[Path, Path]]:
    """A directory that shows another one read-only: itself, and the other one."""
    source = faults.path / "read-only-source"
    empty(source)
    yield faults.path / "read-only", source
    source.chmod(0o700)
    empty(source)
