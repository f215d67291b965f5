"""GitHub Copilot: whether to trust the folder."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager

from .locks import file_lock
from .stored import json_object

#: What Copilot 1.0.102 writes above the object.
_COMMENTS = re.compile(r"(?:[ \t]*(?://[^\n]*)?\r?\n)*")


def answered(text: str | None, worktree: str) -> str | None:
    """Add the worktree to the trusted folders in `config.json`, which holds the tokens, too."""
    above = _COMMENTS.match(text or "")
    comments = above.group() if above else ""
    config = json_object(text and text[len(comments) :])
    folders = config.get("trustedFolders", [])
    if not isinstance(folders, list):
        raise ValueError("trustedFolders")
    if worktree in folders:
        return None
    config["trustedFolders"] = [*folders, worktree]
    return f"{comments}{json.dumps(config, indent=2, allow_nan=False)}\n"


def lock(path: str) -> AbstractContextManager[None]:
    """Hold what Copilot 1.0.102 holds while it adds a folder.

    Its other writes take no lock, but each reads the file, changes one thing and renames,
    within a millisecond (seen).
    """
    return file_lock(f"{path}.trusted-folders.lock")
