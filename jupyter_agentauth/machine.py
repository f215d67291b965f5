"""Which machine this is, and whether a process of it still runs."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

#: Of a command line, in bytes.
_LONGEST = 1 << 15


def machine() -> str:
    """Return a digest that two processes share when they see each other's processes."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    # A digest, since a machine's name is nobody's business in an image or a container's label.
    return hashlib.sha256(f"{socket.gethostname()} {namespace}".encode()).hexdigest()[:12]


def is_alive(process: int) -> bool:
    """Whether a process of this machine runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # Somebody else's.
    return True


def command_lines() -> Iterator[list[bytes]] | None:
    """Return the command lines of this user's processes; ``None`` where they cannot be told.

    Those in containers are among them, and an agent's can be as long as it likes: of each only
    the beginning is read.
    """
    return _command_lines() if os.path.exists("/proc/self/cmdline") else None


def _command_lines() -> Iterator[list[bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                with (entry / "cmdline").open("rb") as file:
                    line = file.read(_LONGEST)
            except OSError:
                continue  # It ended, or is hidden from us.
            yield line.split(b"\0")
