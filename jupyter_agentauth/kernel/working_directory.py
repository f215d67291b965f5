"""The kernel's working directory, which can be one of a worktree that was discarded."""

from __future__ import annotations

import os


def working_directory() -> str:
    """Return it; the root of all, in which no worktree is, when it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return os.sep
