"""Claude Code past its first questions, where a test is about something else."""

from __future__ import annotations

import json
import os
from pathlib import Path

#: Offline, Claude Code 2.1.330 draws its first screen and leaves after a second, unless
#: its onboarding is done (measured); a folder that it does not trust it asks about.
ONBOARDED = {"hasCompletedOnboarding": True, "theme": "dark"}


def onboard_claude(worktree: Path) -> None:
    """Store what Claude Code itself stores after its first run."""
    directory = Path(os.environ["JUPYTER_DATA_DIR"])
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("agentauth", "claude", ".claude"):
        directory /= name
        directory.mkdir(mode=0o700, exist_ok=True)
    trusted = {"projects": {str(worktree): {"hasTrustDialogAccepted": True}}}
    (directory / ".claude.json").write_text(json.dumps({**ONBOARDED, **trusted}))
