"""Whose containers are whose, also where several people share an engine and a uid."""

from __future__ import annotations

import os


def owner() -> str:
    """Return the user in the labels of containers: the uid, and JupyterHub's user if there is one.

    DockerSpawner runs all its users as uid 1000, and they may share an engine.
    """
    hub_user = os.environ.get("JUPYTERHUB_USER")
    return f"{os.getuid()}:{hub_user}" if hub_user else str(os.getuid())
