"""Where a container wrote, read from the engine and from the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker.models.containers import Container

#: A database is data, however large; so are its journals.
_DATABASE = (".db", ".db-wal", ".db-shm", ".sqlite", ".sqlite-wal", ".sqlite-shm")


def written_outside(container: Container) -> set[str]:
    """Return what a container made or changed in its own file system.

    Left out: mount points, the init process that ``docker run --init`` puts there, and
    directories that changed only because something in them did.
    """
    attributes = container.attrs
    targets = {mount["Destination"] for mount in attributes["Mounts"]}
    targets |= set(attributes["HostConfig"]["Tmpfs"])
    targets.add("/usr/sbin/docker-init")  # Where it lies in Debian's docker.io 20.10 …
    targets.add("/sbin/docker-init")  # … and in an image whose /sbin is no link.
    changed = {change["Path"] for change in container.diff()}
    below = targets | changed
    return {
        path
        for path in changed - targets
        if not any(other.startswith(f"{path}/") for other in below)
    }


def size_outside(container: Container) -> int:
    """Return the bytes that a container wrote into its own file system."""
    api: Any = container.client.api
    [listed] = api.containers(all=True, size=True, filters={"id": container.id})
    return int(listed.get("SizeRw", 0))


def memory_used(container: Container) -> int:
    """Return the bytes that lie in a running container's home, beside what is mounted."""
    homes = list(container.attrs["HostConfig"]["Tmpfs"])
    lines = container.exec_run(["df", "--block-size=1", "--output=used", *homes]).output.split()
    return sum(int(word) for word in lines[1:])


def files(store: Path) -> dict[Path, tuple[int, int]]:
    """Return the store's files with what changes when they are written anew."""
    found = {}
    for path in store.rglob("*"):
        status = os.lstat(path)
        if path.is_file() and not path.name.endswith(_DATABASE):
            found[path] = (status.st_ino, status.st_mtime_ns)
    return found


def size_written(store: Path, before: dict[Path, tuple[int, int]]) -> int:
    """Return the bytes of the store's files that were written since; databases apart."""
    now = files(store)
    return sum(os.lstat(path).st_size for path in now if now[path] != before.get(path))
