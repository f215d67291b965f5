"""A real Jupyter server in a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from terminal_client import TerminalClient
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect
from waiting import DEADLINE


class LabServer:
    """``jupyter lab`` as ``make lab`` starts it, on a free port.

    Parameters
    ----------
    root : Path
        The directory that it shows.
    log : Path
        Where its output goes.
    app : str
        ``lab``, ``notebook``, or ``server``, which starts sooner and has no page.
    options : str
        Further options.
    port : int
        Its port, for a page that outlives it; a free one if 0.
    """

    def __init__(
        self, root: Path, log: Path, *options: str, app: str = "lab", port: int = 0
    ) -> None:
        self.root = root
        self._log = log
        self._app = app
        self._options = options
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._info: dict[str, Any] = {}

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        page = {"lab": "lab", "notebook": "tree"}[self._app]
        return f"{self._info['url']}{page}?token={self._info['token']}"

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def address(self) -> str:
        """Where it listens; a request to it carries `headers`."""
        return str(self._info["url"])

    @property
    def headers(self) -> dict[str, str]:
        """What lets a request in."""
        return {"Authorization": f"token {self._info['token']}"}

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            str(Path(sys.executable).parent / "jupyter"), self._app, "--no-browser",
            f"--ServerApp.root_dir={self.root}", f"--ServerApp.port={self._port}", *self._options,
        ]  # fmt: skip
        if self._app != "server":
            command += [
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.news_url=None",
            ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
        file = runtime / f"jpserver-{self._process.pid}.json"
        deadline = time.monotonic() + DEADLINE
        while not self._answers(file):
            assert time.monotonic() < deadline, self._log.read_text()
            assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """End it in order, as ``kill`` and a service manager do."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=60)

    def open(self, agent: str, worktree: Path, *args: str) -> dict[str, Any]:
        """Open a session by REST."""
        asked = {"agent": agent, "worktree": str(worktree), "args": list(args)}
        try:
            opened: dict[str, Any] = self.request("POST", "agentauth/api/sessions", asked)
        except HTTPError as error:
            raise AssertionError(error.read().decode()) from None
        return opened

    def forget(self) -> None:
        """Stop all sessions, and forget those that have ended."""
        while sessions := self.sessions():
            for session in sessions:
                self.request("DELETE", f"agentauth/api/sessions/{session['id']}")

    def sessions(self) -> list[dict[str, Any]]:
        """List the sessions."""
        return list(self.request("GET", "agentauth/api/sessions"))

    async def terminal(self, name: str, **size: int) -> TerminalClient:
        """Connect to a terminal as a browser does, once it is there."""
        address = self.address.replace("http", "ws", 1) + f"terminals/websocket/{name}"
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                connection = await websocket_connect(HTTPRequest(address, headers=self.headers))
                break
            except HTTPClientError as error:
                if error.code != 404 or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)  # It is not taken over yet.
        client = TerminalClient(connection, **size)
        await client.start()
        return client

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Call its REST API and return the JSON; an error is an `HTTPError`."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, self.headers, method=method)
        with urlopen(request, timeout=120) as reply:
            content = reply.read()
        return json.loads(content) if content else None

    def _answers(self, file: Path) -> bool:
        try:
            self._info = json.loads(file.read_text())
            self.request("GET", "api/status")
        except (OSError, ValueError, HTTPError):
            return False
        return True


@contextmanager
def servers_in(logs: Path) -> Iterator[Callable[..., LabServer]]:
    """Start servers without a page, each with a log of its own: ``start(root, *options)``."""
    started: list[LabServer] = []

    def start(root: Path, *options: str) -> LabServer:
        server = LabServer(root, logs / f"server-{len(started)}.log", *options, app="server")
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.kill()
