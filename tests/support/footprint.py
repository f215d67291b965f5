"""What a server takes of the machine: read from /proc, from the engine and from its directories."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_agentauth.engine import Engine

MEBIBYTE = 1 << 20


def memory(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    [line] = [row for row in _status(pid) if row.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def threads(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    """Return how many files, sockets and terminals a process holds open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def children(pid: int) -> set[int]:
    """Return the processes that a process has started and not yet seen the end of."""
    found = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _parent(int(process.name)) == pid:
            found.add(int(process.name))
    return found


def of_engine(engine: Engine) -> set[str]:
    """Return the engine's networks and volumes; those of other tests come and go."""
    networks = {network["Name"] for network in engine.client.api.networks()}
    volumes = {volume["Name"] for volume in engine.client.api.volumes()["Volumes"] or ()}
    return {name for name in networks | volumes if not name.startswith("agentauth-test-")}


def files(directories: Iterable[Path]) -> set[Path]:
    """Return all that lies in some directories, sockets and directories too."""
    return set(_below(directories))


def _below(directories: Iterable[Path]) -> Iterator[Path]:
    for directory in directories:
        for parent, below, plain in os.walk(directory):
            yield from (Path(parent, name) for name in (*below, *plain))


def _status(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/status").read_text().splitlines()


def _parent(pid: int) -> int | None:
    try:
        [line] = [row for row in _status(pid) if row.startswith("PPid:")]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(line.split()[1])
