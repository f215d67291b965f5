"""The build context: our files, the agents to install, this machine's configuration."""

from __future__ import annotations

import hashlib
import io
import posixpath
import tarfile
from collections.abc import Mapping
from importlib.resources import files

from ..known_agents import Agent
from .hostconfig import HostConfig


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
    """Return the build context as a tar archive.

    It holds secrets: it is made in memory and only ever sent to the engine.
    """
    return tar(
        {
            "Dockerfile": _own("Dockerfile"),
            "install.sh": _own("install.sh"),
            "agents.tsv": _agents_tsv(agents),
            **config.files(),
        }
    )


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
