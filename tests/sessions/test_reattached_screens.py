"""The screen that was there before the server was killed is there again in the next one.

Compared whole, of each real agent, and after all that it draws when it is taken over.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance_agents import SLOW, of
from conformance_bench import Bench
from lab_server import LabServer
from terminal_client import TerminalClient

UNSENT = "typed and not sent"

#: What an agent draws because of being taken over has come by then; seen: within a second.
SETTLED = 3.0

#: Shown for some seconds at the first prompt and then taken away, without being taken over,
#: too: Claude Code 2.1.331's hint, and the effort beside Copilot 1.0.102's model (4 s).
PASSING = ("/effort", "\N{MIDDLE DOT} Medium")

#: Sent to one who connects, at most.
LARGEST = 300_000


@pytest.fixture
def server(home: Path, image: str, containers: object) -> Iterator[LabServer]:
    """A Jupyter server that is not started yet."""
    server = LabServer(home / "src", home / "server.log", app="server")
    yield server
    server.kill()


async def settled(client: TerminalClient) -> str:
    """Return the screen when all has been drawn."""
    await client.stays_open(SETTLED)
    return await client.until(lambda screen: not any(p in screen for p in PASSING))


async def connected_after_a_crash(server: LabServer, terminal: str) -> TerminalClient:
    """Kill the server, start it again, and connect to a terminal of the same name."""
    server.kill()
    server.start()
    return await server.terminal(terminal)


@of("claude", "codex", "gemini", "opencode", "copilot", soak=SLOW)
async def test_an_agents_screen_with_what_was_typed_is_there_again_and_typing_reaches_it(
    bench: Bench, server, containers
):
    bench.be_signed_in()
    server.start()
    session = server.request(
        "POST",
        "agentauth/api/sessions",
        {"agent": bench.agent.name, "worktree": str(bench.a), "share_auth": True},
    )
    client = await server.terminal(session["terminal"])
    await client.until(bench.agent.prompt_screen)
    await client.type(UNSENT)
    await client.until(UNSENT)
    before = await settled(client)

    client = await connected_after_a_crash(server, session["terminal"])
    await client.until(UNSENT)
    assert await settled(client) == before
    await client.type(" more")
    await client.until(f"{UNSENT} more")
    assert [c.id for c in containers()] == [session["container"]]


@pytest.mark.parametrize("lines", [60, 200_000], ids=["little", "megabytes"])
async def test_a_shells_screen_is_there_again_however_much_it_had_printed(
    server, repository, lines
):
    server.start()
    session = server.open("bash", repository, "--norc")
    client = await server.terminal(session["terminal"])
    await client.type(f"seq -f 'printed %.0f' {lines}; echo en$((1+1))d\r")
    await client.until("en2d")
    await client.type(UNSENT)
    await client.until(UNSENT)
    before = await settled(client)
    assert f"printed {lines}" in before

    client = await connected_after_a_crash(server, session["terminal"])
    await client.until(UNSENT)
    assert await settled(client) == before
    assert client.received < LARGEST
    await client.type("\x15echo go$((1+1))on\r")
    await client.until("go2on")
