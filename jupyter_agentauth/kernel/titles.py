"""What agents, worktrees and sessions are called in a notebook, as in the page's tabs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ..known_agents import BUILT_IN


def agent_title(name: str) -> str:
    """Return an agent's title: "Claude Code"; one that is in no table is called by its name."""
    known = BUILT_IN.get(name)
    return known.title if known is not None else name


def worktree_name(path: str | None) -> str:
    """Return what a worktree is called where its branch is not known: its directory's name."""
    return PurePosixPath(path).name or path if path else ""


def session_title(session: Mapping[str, Any]) -> str:
    """Return the title of a session: "Claude Code · fix-typo"."""
    return f"{agent_title(session['agent'])} · {worktree_name(session['worktree'])}"
