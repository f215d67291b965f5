"""Which server this is, in the labels of its containers: the same after a restart or an upgrade."""

from __future__ import annotations

import hashlib
import json
import os

#: JupyterHub's: on a machine whose engine many users' servers share, their roots can be the same.
_HUB = ("JUPYTERHUB_USER", "JUPYTERHUB_SERVER_NAME")


def server_id(root: str) -> str:
    """Return the id of a server with this root directory.

    Its address and its token are no part of it, since they change with a restart. Of two
    servers with one root, each has its own sessions by the locks in `session_records`.
    """
    what = [os.path.realpath(root), *(os.environ.get(name, "") for name in _HUB)]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:12]
