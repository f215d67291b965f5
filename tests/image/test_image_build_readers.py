"""An image build by REST: who reads it may come and go, and anybody may cancel it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import docker
import pytest
from build_steps import steps_in_the_engine
from event_subscriber import Subscriber
from waiting import DEADLINE

from jupyter_agentauth.known_agents import BUILT_IN
from jupyter_agentauth.server import builds

Line = dict[str, Any]


class BuildReader:
    """A page that reads a build, over a connection that it can close."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.lines: list[Line] = []

    async def until(self, true: Callable[[Line], bool], seconds: float = DEADLINE) -> Line:
        """Read until a line is as it should be, and return it."""
        return await asyncio.wait_for(self._until(true), seconds)

    async def until_ended(self) -> Line:
        """Read to the end, and return the last line."""
        with suppress(asyncio.IncompleteReadError):
            await self.until(lambda line: False)
        return self.lines[-1]

    async def close(self) -> None:
        """Leave, as a page that is closed."""
        self._writer.close()
        await self._writer.wait_closed()

    async def _until(self, true: Callable[[Line], bool]) -> Line:
        while True:
            # Each is a chunk of its own, between two lines of HTTP.
            line = (await self._reader.readuntil(b"\n")).strip()
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))
                if true(self.lines[-1]):
                    return self.lines[-1]


@pytest.fixture
def read(jp_http_port, jp_base_url, jp_serverapp):
    """Start a build (``POST``) or join it (``GET``), and read it."""

    async def call(method: str, body: object = None) -> BuildReader:
        content = b"" if body is None else json.dumps(body).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        head = (
            f"{method} {jp_base_url}agentauth/api/image/build HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: token {jp_serverapp.identity_provider.token}\r\n"
            f"Connection: close\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        status = await asyncio.wait_for(reader.readline(), 60)
        assert b" 200 " in status, status + await reader.read()
        return BuildReader(reader, writer)

    return call


@pytest.fixture
def tag(engine, home):
    name = f"agentauth-test:{uuid.uuid4().hex[:12]}"
    yield name
    with suppress(docker.errors.ImageNotFound):
        engine.client.images.remove(name)


@pytest.fixture
def jp_server_config(jp_server_config, tag):
    return {**jp_server_config, "AgentAuth": {"image": tag}}


@pytest.fixture
def asked(registry, own_image, image) -> dict[str, object]:
    """What is built: one agent, whose package does not come before it is let go."""
    bare = own_image(image, without=[f"/usr/local/bin/{name}" for name in BUILT_IN])
    registry.hang = True
    return {"base_image": bare, "agents": ["opencode"]}


@pytest.fixture
def hangs(registry):
    """Wait until a build stands still."""

    async def wait() -> None:
        assert await asyncio.to_thread(registry.asked_for_package.wait, 120)

    return wait


@pytest.fixture
def subscriber(jp_ws_fetch):
    async def connect() -> Subscriber:
        return Subscriber(await jp_ws_fetch("api", "events", "subscribe"))

    return connect


async def test_a_page_that_is_loaded_anew_reads_the_build_from_its_beginning(
    read, asked, hangs, registry, api, tag, engine
):
    first = await read("POST", asked)
    await hangs()
    await first.until(lambda line: line["step"] > 2)
    await first.close()
    second, third = await read("GET"), await read("GET")
    seen = len(first.lines)
    await second.until(lambda line: len(second.lines) == seen)
    assert second.lines == first.lines
    busy = await api("POST", "image/build", {})
    assert (busy.status, busy.json["reason"]) == (409, "build_running")
    registry.stopped.set()
    last = await second.until_ended()
    assert (last["type"], last["id"]) == ("done", engine.client.images.get(tag).id)
    assert await third.until_ended() == last
    assert third.lines == second.lines
    none = await api("GET", "image/build")
    assert (none.status, none.json) == (204, None)


async def test_a_build_that_is_cancelled_ends_for_all_who_read_it_and_leaves_nothing(
    read, asked, hangs, api, tag, engine, subscriber
):
    told = await subscriber()
    pages = [await read("POST", asked), await read("GET")]
    await hangs()
    assert (await api("DELETE", "image/build")).status == 204
    for page in pages:
        last = await page.until_ended()
        assert (last["type"], last["reason"]) == ("error", "build_cancelled")
    assert steps_in_the_engine(engine.client) == []
    assert (await api("GET", "image")).json["present"] is False
    await told.until(lambda: len(told.images()) == 2)
    assert told.images() == [(tag, "building"), (tag, "absent")]
    assert (await api("DELETE", "image/build")).status == 204
    assert (await api("GET", "image/build")).status == 204


async def test_a_build_that_nobody_reads_any_more_is_cancelled_after_a_while(
    read, asked, hangs, api, engine, tag, subscriber, monkeypatch
):
    assert builds.UNREAD_SECONDS == 10
    monkeypatch.setattr(builds, "UNREAD_SECONDS", 2)
    told = await subscriber()
    page, other = await read("POST", asked), await read("GET")
    await hangs()
    await page.close()
    # As long as one reads it, it goes on.
    await other.until(lambda line: len(other.lines) > len(page.lines) + 2)
    await other.close()
    await told.until(lambda: (tag, "absent") in told.images())
    assert steps_in_the_engine(engine.client) == []
    assert (await api("GET", "image/build")).status == 204
