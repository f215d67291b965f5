"""Claude Code: its wizard, and whether to trust the folder."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

from .locks import directory_lock
from .stored import json_object


def answered(text: str | None, worktree: str) -> str | None:
    """Say in `.claude.json` that the wizard is done and the worktree trusted.

    Claude Code 2.1.331, with CLAUDE_CONFIG_DIR: the wizard comes without the first, the
    question about the folder without the second, also in a linked worktree.
    """
    state = json_object(text)
    projects = state.setdefault("projects", {})
    project = projects.setdefault(worktree, {}) if isinstance(projects, dict) else None
    if not isinstance(project, dict):
        raise ValueError("projects")
    if state.get("hasCompletedOnboarding") and project.get("hasTrustDialogAccepted"):
        return None
    state["hasCompletedOnboarding"] = True
    project["hasTrustDialogAccepted"] = True
    return json.dumps(state, indent=2, allow_nan=False)


def lock(path: str) -> AbstractContextManager[None]:
    """Hold what Claude Code 2.1.330 makes for every write.

    It calls it stale when it was not touched for 10 seconds.
    """
    return directory_lock(f"{path}.lock", stale=15)
