"""A real server whose agents' models are a stand-in, and a kernel's client of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conformance_bench import Bench
from lab_server import LabServer

from jupyter_agentauth.kernel.client import Client
from jupyter_agentauth.kernel.servers import Server


@dataclass
class RunServer:
    """One agent on a server.

    Parameters
    ----------
    lab : LabServer
    bench : Bench
        The agent, signed in, and its provider.
    """

    lab: LabServer
    bench: Bench

    @property
    def client(self) -> Client:
        """What a kernel asks the server with."""
        token = self.lab.headers["Authorization"].removeprefix("token ")
        return Client(Server(self.lab.address, token))

    def run(self, prompt: str, **options: Any) -> list[dict[str, Any]]:
        """Run a prompt in worktree b, to its end."""
        options = {"worktree": str(self.bench.b), "share_auth": True, **options}
        return list(self.client.run(self.bench.agent.name, prompt, **options))


@pytest.fixture
def run_server(bench: Bench, tmp_path: Path) -> Iterator[RunServer]:
    """A server beside the bench; its agent is signed in."""
    bench.be_signed_in()
    lab = LabServer(bench.a.parent, tmp_path / "server.log", app="server")
    lab.start()
    yield RunServer(lab, bench)
    lab.kill()


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the lines of one type."""
    return [line for line in lines if line["type"] == kind]


def said(lines: list[dict[str, Any]]) -> str:
    """Return all that the agent said."""
    return "".join(line["text"] for line in of_type(lines, "text"))
