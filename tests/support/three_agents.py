"""A server whose user is signed in to three agents, each with its own key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine
from conformance_agents import AGENTS
from conformance_bench import Bench, configure
from lab_server import LabServer
from providers.tunnel import reached_by_tunnel
from run_server import RunServer

from jupyter_agentauth.known_agents import BUILT_IN

NAMES = ("claude", "codex", "opencode")


@pytest.fixture
def three_agents(bench: Bench, repository: Path, tmp_path: Path) -> Iterator[RunServer]:
    """The bench is Claude Code's; one stand-in is the provider of all three."""
    keys = [AGENTS[name].credential for name in NAMES]
    bench.provider.accepts = lambda request: any(map(request.carries, keys))  # type: ignore[method-assign]
    env = reached_by_tunnel(bench.provider.url)
    configure(agents={name: {"env": env} for name in NAMES})
    bench.be_signed_in()
    for name in NAMES[1:]:
        known = BUILT_IN[name]
        other = Bench(AGENTS[name], known, CommandLine(), repository, bench.provider, tmp_path)
        AGENTS[name].sign_in(other, bench.a, "default")
    log = tmp_path / "server.log"
    lab = LabServer(bench.a.parent, log, app="server")
    lab.start()
    yield RunServer(lab, bench, log)
    lab.kill()
