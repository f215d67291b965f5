"""A real server whose agents' models are a stand-in, and a kernel's client of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from conformance_bench import Bench
from jsonschema import Draft202012Validator
from lab_server import LabServer
from providers import Request

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
    log : Path
        What the server logs.
    """

    lab: LabServer
    bench: Bench
    log: Path

    @property
    def client(self) -> Client:
        """What a kernel asks the server with."""
        return client_of(self.lab)

    def run(self, prompt: str, **options: Any) -> list[dict[str, Any]]:
        """Run a prompt in worktree b, to its end."""
        return described(self.start(prompt, **options))

    def start(self, prompt: str, **options: Any) -> Iterator[dict[str, Any]]:
        """Run a prompt in worktree b; its lines as they come."""
        options = {"worktree": str(self.bench.b), "share_auth": True, **options}
        return self.client.run(self.bench.agent.name, prompt, **options)


def make_run_server(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunServer]:
    """A server beside the bench; its agent is signed in."""
    bench.be_signed_in()
    log = tmp_path_factory.mktemp("run-server") / "server.log"
    lab = LabServer(bench.a.parent, log, app="server")
    lab.start()
    yield RunServer(lab, bench, log)
    lab.kill()


run_server = pytest.fixture(make_run_server)


@pytest.fixture
def waits(run_server: RunServer) -> Iterator[threading.Event]:
    """The model does not answer before the test is over; the event is set once one is asked."""
    asked, over = threading.Event(), threading.Event()

    def wait(request: Request) -> None:
        asked.set()
        over.wait(120)

    run_server.bench.provider.before_answer = wait
    yield asked
    over.set()


def client_of(lab: LabServer) -> Client:
    """Return what a kernel asks a server with."""
    token = lab.headers["Authorization"].removeprefix("token ")
    return Client(Server(lab.address, token))


_OPENAPI = json.loads((files("jupyter_agentauth") / "server" / "openapi.json").read_text())
_LINE = Draft202012Validator(
    {"$ref": "#/components/schemas/RunLine", "components": _OPENAPI["components"]}
)


def described(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return lines, each of which has the described form."""
    told = list(lines)
    wrong = [line for line in told if not _LINE.is_valid(line)]
    assert wrong == []
    return told


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the lines of one type."""
    return [line for line in lines if line["type"] == kind]


def said(lines: list[dict[str, Any]]) -> str:
    """Return all that the agent said."""
    return "".join(line["text"] for line in of_type(lines, "text"))
