"""Which directories lie in which, and which one is the outermost git checkout."""

from __future__ import annotations

import os
from pathlib import Path


def inside(path: str, root: str) -> bool:
    """Whether a path is at or below another."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def outermost(path: str) -> str | None:
    """Return the outermost directory at or above a path that is a git checkout.

    But for the user's home and what lies above it: those are never mounted, so no agent made a
    directory in them that others lie in.
    """
    home = os.path.realpath(os.path.expanduser("~"))
    above = [str(parent) for parent in reversed(Path(path).parents)]
    for directory in (*above, path):
        if not inside(home, directory) and os.path.lexists(os.path.join(directory, ".git")):
            return directory
    return None
