"""The build context: our files, the agents to install, this machine's configuration."""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import tarfile
from collections.abc import Mapping
from importlib.resources import files

from ..known_agents import Agent
from .hostconfig import HostConfig

#: Of a protocol that nothing of the build speaks.
SECRET_ARGUMENT = "ftp_proxy"


def recipe(agents: Mapping[str, Agent]) -> str:
    """Return what tells one way of building from another, as the image's label holds it.

    Parameters
    ----------
    agents : mapping of str to Agent
        Those to install, in any order.
    """
    texts = (_own("Dockerfile"), _own("install.sh"), _agents_tsv(agents))
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def context(agents: Mapping[str, Agent], config: HostConfig) -> bytes:
    """Return the build context as a tar archive; the engine keeps it in a layer for a while."""
    return tar(
        {
            "Dockerfile": _own("Dockerfile"),
            "install.sh": _own("install.sh"),
            "agents.tsv": _agents_tsv(agents),
            "ca.pem": config.ca,
        }
    )


def secret_argument(config: HostConfig) -> dict[str, str]:
    """Return the build argument that holds what no layer may hold.

    A step is given arguments with a proxy's name as variables, and the engine keeps them neither
    in the image nor in its history (Docker 20.10, whose builder knows no secret mounts). The
    step unpacks it in memory.
    """
    return {SECRET_ARGUMENT: base64.b64encode(tar(config.files())).decode()}


def tar(texts: Mapping[str, str]) -> bytes:
    """Return a tar archive of text files that only root may read."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in texts.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _agents_tsv(agents: Mapping[str, Agent]) -> str:
    rows = sorted(
        (name, agent.package, posixpath.basename(agent.command[0]))
        for name, agent in agents.items()
        if agent.package
    )
    return "".join("\t".join(row) + "\n" for row in rows)
