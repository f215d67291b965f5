"""Many sessions at once, much output, and many sessions one after the other.

On a real server in a process of its own, so that memory, descriptors and threads are its own.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import footprint
import pytest
from conformance_bench import configure
from footprint import MEBIBYTE
from lab_server import LabServer
from load_client import Numbered, Rest, Sleeper, connect, until_output
from soak import small_or_large

#: A shell that has a directory to share, so that the switch means something.
SHELL = {"command": "sh", "auth_dirs": [".shell"]}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's own directory for temporary files."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    return directory


@pytest.fixture
def server(repository, image, containers, temporary, tmp_path) -> Iterator[LabServer]:
    configure(agents={"shell": SHELL})
    server = LabServer(repository.parent, tmp_path / "server.log", app="server")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def rest(server: LabServer) -> Iterator[Rest]:
    rest = Rest(server)
    yield rest
    rest.close()
    print(f"the slowest answer took {rest.slowest:.2f} s")


async def mine(rest: Rest, repository: Path) -> list[dict[str, Any]]:
    """List the sessions."""
    _, listed = await rest("GET", "sessions")
    return list(listed)


@small_or_large("many", 6, 32, ("6", "32"), "32 containers start at once")
async def test_many_sessions_open_at_once_while_the_switch_is_toggled(
    rest, server, repository, containers, engine, many
):
    """Each stands alone, shares what it says that it shares, and goes when it is stopped."""

    async def toggle() -> None:
        for number in range(16):
            wanted = number % 2 == 0
            status, settings = await rest("PATCH", "settings", {"share_auth": wanted})
            assert (status, settings["share_auth"]) == (200, wanted)
            assert (await rest("GET", "settings")) == (200, settings)

    opening = [rest.open("a" if number % 2 else "b") for number in range(many)]
    *opened, _ = await asyncio.gather(*opening, toggle())
    for key in ("id", "terminal", "container"):
        assert len({session[key] for session in opened}) == many
    by_id = {session["id"]: session for session in opened}
    listed = await mine(rest, repository)
    assert len(listed) == many
    assert {session["id"]: session for session in listed} == by_id
    assert {session["state"] for session in listed} == {"running"}
    names = [terminal["name"] for terminal in server.request("GET", "api/terminals")]
    assert sorted(names) == sorted(session["terminal"] for session in opened)
    shares = {c.labels["session"]: _shares(engine, c.id) for c in containers()}
    assert shares == {session["id"]: session["share_auth"] for session in opened}

    await asyncio.gather(*(rest.stop(session) for session in opened))
    assert await mine(rest, repository) == []
    assert containers() == []
    assert server.request("GET", "api/terminals") == []


def _shares(engine, container: str) -> bool:
    """Whether a container has the shell's directory from the store."""
    store = str(Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth")
    mounts = engine.client.api.inspect_container(container)["Mounts"]
    return any(mount["Source"].startswith(store) for mount in mounts)


#: Of 200 bytes: so many that a server which kept them for who does not read held 160 MB.
MANY_LINES = 100_000


@small_or_large("many", 2, 8, ("two", "eight"), "it measures memory")
async def test_sessions_at_full_speed_leave_the_server_answering_and_its_memory_small(
    rest, server, repository, many
):
    """Their clients miss nothing, though another of each session reads nothing at all."""
    awk = ("-c", 'exec awk "$1"', "sh", Numbered.COMMAND)
    sessions = await asyncio.gather(*(rest.open("a", *awk) for _ in range(many)))
    connections = [await connect(server, session["terminal"]) for session in sessions]
    clients = [Numbered(connection) for connection in connections]
    await asyncio.gather(*(client.read(1000) for client in clients))
    before = footprint.memory(server.pid)
    sleepers = [Sleeper(server, session["terminal"]) for session in sessions]

    reading = asyncio.gather(*(client.read(MANY_LINES) for client in clients))
    most, answers = 0, 0
    rest.slowest = 0.0
    while not reading.done():
        status, listed = await rest("GET", "sessions")
        assert status == 200
        assert {session["id"] for session in sessions} <= {session["id"] for session in listed}
        most, answers = max(most, footprint.memory(server.pid)), answers + 1
        await asyncio.wait([reading], timeout=0.2)
    await reading
    print(f"{answers} answers; memory {before / MEBIBYTE:.0f} MiB, at most {most / MEBIBYTE:.0f}")
    assert most - before < 48 * MEBIBYTE

    # Who opens the lid again sees the terminal as it is now, on an empty screen.
    for sleeper in sleepers:
        await asyncio.to_thread(sleeper.wake_up_until, rb"\u001bc")
        sleeper.close()
    await asyncio.gather(*(rest.stop(session) for session in sessions))
    for connection in connections:
        connection.close()


#: So much that its screen, if the server kept it, would be seen.
OUTPUT = "head -c 200000 /dev/zero | tr '\\0' x; echo one$((1+1))three\r"

WARM_UP, AT_ONCE = 10, 4

#: The server keeps some threads, and connections to the engine, for its next requests.
FEW = 20


@small_or_large("cycles", 20, 200, ("20", "200"), "it measures what is left")
@pytest.mark.timeout(600)
async def test_sessions_one_after_the_other_leave_nothing_of_them(
    rest, server, repository, temporary, engine, containers, cycles
):
    shared_memory = Path(f"/dev/shm/agentauth-{os.getuid()}")
    ids: set[str] = set()

    async def open_and_stop(numbers: Iterator[int]) -> None:
        for number in numbers:
            session = await rest.open("a" if number % 2 else "b")
            ids.add(session["id"])
            connection = await connect(server, session["terminal"])
            await connection.write_message(json.dumps(["stdin", OUTPUT]))
            await until_output(connection, "one2three")
            if number % 4:
                connection.close()
            await rest.stop(session)
            connection.close()

    def taken() -> dict[str, int]:
        return {
            "descriptors": footprint.descriptors(server.pid),
            "threads": footprint.threads(server.pid),
            "processes": len(footprint.children(server.pid)),
        }

    async def run(cycles_in_all: int) -> tuple[dict[str, int], int]:
        numbers = iter(range(cycles_in_all))
        await asyncio.gather(*(open_and_stop(numbers) for _ in range(AT_ONCE)))
        return taken(), footprint.memory(server.pid)

    of_engine = footprint.of_engine(engine)
    before, memory_before = await run(WARM_UP)
    after, memory_after = await run(cycles)
    print(f"memory {memory_before / MEBIBYTE:.1f} MiB, then {memory_after / MEBIBYTE:.1f}")
    print(f"{before}, then {after}")
    assert all(after[what] <= before[what] + FEW for what in before)
    # Some 40 KiB a session were seen, though no more objects: the allocator's. Screens that
    # were kept would be 200 KB each.
    assert memory_after - memory_before < 20 * MEBIBYTE
    assert containers() == []
    assert footprint.of_engine(engine) == of_engine
    assert server.request("GET", "api/terminals") == []
    assert footprint.files([temporary]) == set()
    assert not {path for path in footprint.files([shared_memory]) if path.name in ids}
