"""A package registry on this machine's loopback: one tiny agent, behind a token."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "agentauth-tiny-agent"
VERSION = "7.8.9"


class NpmRegistry:
    """Serve while the ``with`` block lasts.

    Parameters
    ----------
    token : str
        What a request must carry.
    hang : bool
        Never send the package itself, so that an install lasts until it is ended.
    package, command : str
        What the agent is called.

    Attributes
    ----------
    version : str
        The newest; set another to publish it.
    """

    def __init__(
        self, token: str, *, hang: bool = False, package: str = PACKAGE, command: str = "tiny"
    ) -> None:
        self.token = token
        self.hang = hang
        self.package = package
        self.command = command
        self.version = VERSION
        self.asked_for_package = threading.Event()
        self.stopped = threading.Event()
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                registry._answer(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> NpmRegistry:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def npmrc(self, token: str | None = None) -> str:
        """Return a user's ``.npmrc`` that names this registry."""
        return f"registry=http://{self.host}/\n//{self.host}/:_authToken={token or self.token}\n"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            _send(request, 401, b'{"error": "no"}')
        elif request.path == f"/{self.package}":
            _send(request, 200, json.dumps(self._metadata()).encode())
        elif request.path == f"/{self.package}-{self.version}.tgz":
            self.asked_for_package.set()
            if self.hang:
                self.stopped.wait(120)
            _send(request, 200, self._tarball())
        else:
            _send(request, 404, b'{"error": "not found"}')

    def _metadata(self) -> dict[str, Any]:
        integrity = base64.b64encode(hashlib.sha512(self._tarball()).digest()).decode()
        return {
            "name": self.package,
            "dist-tags": {"latest": self.version},
            "versions": {
                self.version: {
                    **self._manifest(),
                    "dist": {
                        "tarball": f"http://{self.host}/{self.package}-{self.version}.tgz",
                        "integrity": f"sha512-{integrity}",
                    },
                }
            },
        }

    def _manifest(self) -> dict[str, Any]:
        return {"name": self.package, "version": self.version, "bin": {self.command: "tiny.js"}}

    def _tarball(self) -> bytes:
        script = f"#!/usr/bin/env node\nconsole.log('{self.version} (Tiny)')\n"
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=0) as archive:
            files = {"package.json": json.dumps(self._manifest()), "tiny.js": script}
            for name, text in files.items():
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size, entry.mode = len(text), 0o755
                archive.addfile(entry, io.BytesIO(text.encode()))
        # gzip writes the time into its header; the digest is asked for more than once.
        data = bytearray(buffer.getvalue())
        data[4:8] = b"\0\0\0\0"
        return bytes(data)


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    try:
        request.wfile.write(body)
    except ConnectionError:
        return


@pytest.fixture
def registry(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NpmRegistry]:
    """The registry of this test's home."""
    for name in os.environ:
        if name.lower().startswith("npm_config_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("npm_config_globalconfig", "/dev/null")
    token = f"npm_secret{uuid.uuid4().hex}"
    with NpmRegistry(token, package="opencode-ai", command="opencode") as registry:
        (home / ".npmrc").write_text(registry.npmrc())
        yield registry
