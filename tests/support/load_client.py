"""Many requests and many terminals at once, to a server in a process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from lab_server import LabServer
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect


class Rest:
    """A server's REST API of ours, for many requests at a time.

    Parameters
    ----------
    server : LabServer

    Attributes
    ----------
    slowest : float
        The seconds that the slowest answer took.
    """

    def __init__(self, server: LabServer) -> None:
        self._server = server
        self._client = AsyncHTTPClient(force_instance=True, max_clients=200)
        self.slowest = 0.0

    async def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Call a route; return the status and the JSON."""
        begun = time.monotonic()
        request = HTTPRequest(
            f"{self._server.address}agentauth/api/{path}", method, self._server.headers,
            None if body is None else json.dumps(body), request_timeout=240,
        )  # fmt: skip
        reply = await self._client.fetch(request, raise_error=False)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return reply.code, json.loads(reply.body) if reply.body else None

    async def open(self, worktree: str, *args: str) -> dict[str, Any]:
        """Open a session of the shell."""
        body = {"agent": "shell", "worktree": worktree, "args": list(args)}
        status, session = await self("POST", "sessions", body)
        assert status == 201, session
        return dict(session)

    async def stop(self, session: dict[str, Any]) -> None:
        """Stop a session."""
        status, reply = await self("DELETE", f"sessions/{session['id']}")
        assert status == 204, reply

    def close(self) -> None:
        """Close its connections."""
        self._client.close()


async def connect(server: LabServer, terminal: str) -> WebSocketClientConnection:
    """Connect to a terminal as a browser does, with a window of 32 rows and 100 columns."""
    address = server.address.replace("http", "ws", 1) + f"terminals/websocket/{terminal}"
    connection = await websocket_connect(HTTPRequest(address, headers=server.headers))
    await connection.write_message(json.dumps(["set_size", 32, 100]))
    return connection


async def until_output(connection: WebSocketClientConnection, seen: str) -> None:
    """Read until a terminal's output holds a text."""
    output = ""
    while seen not in output:
        message = await asyncio.wait_for(connection.read_message(), 120)
        assert message is not None, f"it ended before {seen!r}: {output!r}"
        kind, *rest = json.loads(message)
        output += rest[0] if kind == "stdout" else ""


class Sleeper:
    """A client that connects and then reads nothing: a laptop whose lid was closed."""

    def __init__(self, server: LabServer, terminal: str) -> None:
        address = urlsplit(server.address)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {address.path}terminals/websocket/{terminal} HTTP/1.1",
            f"Host: {address.netloc}", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in server.headers.items()),
        ]  # fmt: skip
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        assert b" 101 " in self._socket.recv(12 + 1 + 3)

    def wake_up_until(self, seen: bytes) -> None:
        """Read until a text is there, as it stands in the messages."""
        content = b""
        while seen not in content:
            content = content[-len(seen) :] + self._socket.recv(65536)

    def close(self) -> None:
        """Go."""
        self._socket.close()


class Numbered:
    """What a client reads of a stream of numbered lines, each in a colour and 200 wide."""

    #: Prints them until it is stopped.
    COMMAND = (
        'BEGIN { dots = sprintf("%180s", ""); gsub(" ", ".", dots); '
        r'for (i = 1; ; i++) printf "\033[3%dm<%d>%s\033[0m\n", i % 8, i, dots }'
    )
    _LINE = re.compile(r"\x1b\[3(\d)m<(\d+)>\.{180}\x1b\[0m\r\n")

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._rest = ""
        self.lines = 0
        self._next: int | None = None

    async def read(self, lines: int) -> None:
        """Read so many lines, which must be whole and follow each other."""
        self.lines = 0
        while self.lines < lines:
            message = await asyncio.wait_for(self._connection.read_message(), 120)
            assert message is not None, "it ended"
            kind, *rest = json.loads(message)
            if kind == "stdout":
                self._take(rest[0])

    def _take(self, text: str) -> None:
        text = self._rest + text
        if self._next is None:  # What a new client is sent may begin within a line.
            text = text[max(text.find("\x1b[3"), 0) :]
        end = 0
        while line := self._LINE.match(text, end):
            number = int(line[2])
            assert self._next in (None, number), f"line {self._next} is not there, but {number}"
            assert int(line[1]) == number % 8
            self._next, end = number + 1, line.end()
            self.lines += 1
        self._rest = text[end:]
        assert len(self._rest) < 8192 or self._next is None, f"broken: {self._rest[:300]!r}"
