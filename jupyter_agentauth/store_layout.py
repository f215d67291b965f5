"""Where things lie in the credential store; the layout is part of the public contract."""

from __future__ import annotations

import posixpath

#: Of the layout, in ``<auth_dir>/VERSION``.
VERSION = "1\n"


def store_path(auth_dir: str, agent: str, profile: str, path: str = "") -> str:
    """Return where an agent's directory lies.

    Parameters
    ----------
    path : str
        Below HOME, as in the container; the agent's own root if empty.
    """
    root = auth_dir if profile == "default" else posixpath.join(auth_dir, f"@{profile}")
    return posixpath.join(root, agent, path) if path else posixpath.join(root, agent)
