"""A kernel's client against real Jupyter servers of each kind."""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from lab_server import LabServer
from waiting import DEADLINE

from jupyter_agentauth.kernel.client import Client, connect
from jupyter_agentauth.kernel.errors import AgentError, ServerError, ServerNotFound
from jupyter_agentauth.kernel.events import EventFollower
from jupyter_agentauth.kernel.servers import Server, find_server, find_servers

#: "x", as `jupyter server password` stores it, and a token beside it.
PASSWORD = "sha1:1:cc1b03cf8cde8cd8c1c7c9f7a4aa7fcd1b5ba32f"
TOKEN = "--IdentityProvider.token=a-token-of-the-administrator"


@pytest.fixture
def start(repository, tmp_path):
    """Start ``jupyter server`` with options, and return once its runtime file answers."""
    with contextlib.ExitStack() as ends:

        def begin(*options: str, extension: bool = True, lets_in: bool = True) -> Server:
            words = [str(Path(sys.executable).parent / "jupyter"), "server", "--no-browser"]
            words += [f"--ServerApp.root_dir={repository.parent}", *options]
            if not any("sock=" in option for option in options):
                words.append("--ServerApp.port=0")
            if not extension:
                words.append("--ServerApp.jpserver_extensions={'jupyter_agentauth': False}")
            with (tmp_path / "log").open("ab") as log:
                process = subprocess.Popen(words, stdout=log, stderr=log, cwd=repository.parent)
            ends.callback(process.wait)
            ends.callback(process.kill)
            deadline = time.monotonic() + DEADLINE
            while time.monotonic() < deadline and process.poll() is None:
                for server in find_servers():
                    if server.pid == process.pid:
                        # Its runtime file is there before it listens.
                        with contextlib.suppress(ServerNotFound):
                            if not (extension and lets_in):
                                with contextlib.suppress(ServerError):
                                    Client(server).settings()
                                return server
                            Client(server).settings()
                            return server
                time.sleep(0.1)
            raise AssertionError((tmp_path / "log").read_text())

        yield begin


@pytest.fixture
def in_repository(repository, monkeypatch):
    monkeypatch.chdir(repository)
    for name in ("AGENTAUTH_SERVER_URL", "AGENTAUTH_SERVER_TOKEN", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)


def told(client: Client) -> list[str]:
    """Hear one event, of a preference that is changed meanwhile."""
    heard: queue.Queue[str] = queue.Queue()
    connected = threading.Event()
    follower = EventFollower(client, lambda kind, data: heard.put(kind), connected.set)
    follower.start()
    try:
        assert connected.wait(30)
        before = client.settings()["share_auth"]
        client.change_settings(share_auth=not before)
        return [heard.get(timeout=DEADLINE)]
    finally:
        follower.stop()


def certificate(tmp_path: Path) -> tuple[str, str]:
    """A certificate of somebody's own, for another name."""
    import trustme

    made = trustme.CA().issue_cert("elsewhere.test")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    return str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")


@pytest.mark.parametrize(
    "kind", ["plain", "base url", "https", "unix socket", "password and token", "all"]
)
def test_a_server_of_each_kind_is_found_asked_and_heard(start, in_repository, tmp_path, kind):
    options = {
        "plain": [],
        "base url": ["--ServerApp.base_url=/user/ada@work/"],
        "https": [],
        "unix socket": [f"--ServerApp.sock={tmp_path / 's'}"],
        "password and token": [f"--PasswordIdentityProvider.hashed_password={PASSWORD}", TOKEN],
        "all": ["--ServerApp.ip=0.0.0.0"],
    }[kind]
    if kind == "https":
        cert, key = certificate(tmp_path)
        options = [f"--ServerApp.certfile={cert}", f"--ServerApp.keyfile={key}"]
    started = start(*options)
    assert find_server() == started
    client = connect()
    assert {agent["name"] for agent in client.agents()} >= {"claude", "codex"}
    assert told(client) == ["settings"]


def test_a_certificate_of_ones_own_is_trusted_by_name_and_not_otherwise(
    start, in_repository, tmp_path, monkeypatch
):
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    made = authority.issue_cert("localhost")
    made.private_key_pem.write_to_path(tmp_path / "key.pem")
    made.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    server = start(
        f"--ServerApp.certfile={tmp_path / 'cert.pem'}",
        f"--ServerApp.keyfile={tmp_path / 'key.pem'}",
    )
    # As an address from elsewhere: no runtime file vouches for it.
    monkeypatch.setenv("AGENTAUTH_SERVER_URL", server.url)
    monkeypatch.setenv("AGENTAUTH_SERVER_TOKEN", server.token)
    with pytest.raises(ServerNotFound, match=r"is not trusted: .* SSL_CERT_FILE"):
        Client(find_server()).settings()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert Client(find_server()).settings()["profile"] == "default"


@pytest.fixture(params=["another port", "the same port, with another token"])
def restarted(request, repository, in_repository, tmp_path):
    """A server that can be killed and started again."""
    port = 0
    if request.param != "another port":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    lab = LabServer(repository.parent, tmp_path / "lab.log", app="server", port=port)
    lab.start()
    yield lab
    lab.kill()


def test_a_kernel_goes_on_with_the_server_that_took_the_place_of_its_own(restarted):
    client = connect()
    first = client.server
    assert client.agents()
    restarted.kill()
    with pytest.raises(ServerNotFound):
        client.agents()
    restarted.start()
    assert client.agents()
    assert client.server.token != first.token
    assert connect() is client


def test_a_server_that_took_the_place_while_nobody_asked_is_gone_on_with(restarted):
    client = connect()
    assert client.agents()
    restarted.kill()
    restarted.start()
    assert client.agents()


def test_events_of_the_server_that_took_the_place_are_heard_though_nobody_asks(restarted):
    client = connect()
    heard: queue.Queue[str] = queue.Queue()
    refuses = [ServerNotFound("The server went away while all was read again.")]

    def read_again() -> None:
        heard.put(client.server.token)
        if refuses:
            raise refuses.pop()

    follower = EventFollower(client, lambda kind, data: heard.put(kind), read_again)
    follower.start()
    try:
        first = heard.get(timeout=DEADLINE)
        assert heard.get(timeout=DEADLINE) == first  # Connected again after what was raised.
        restarted.kill()
        restarted.start()
        second = heard.get(timeout=DEADLINE)
        assert second == client.server.token != first
        client.change_settings(share_auth=not client.settings()["share_auth"])
        assert heard.get(timeout=DEADLINE) == "settings"
    finally:
        follower.stop()


def test_a_wrong_token_and_a_server_without_the_extension_are_one_sentence_each(
    start, in_repository
):
    server = start()
    with pytest.raises(ServerError, match="AGENTAUTH_SERVER_TOKEN") as refused:
        Client(Server(server.url, "wrong")).settings()
    assert "wrong" not in str(refused.value)
    other = start(extension=False)
    with pytest.raises(ServerError, match="has no jupyter_agentauth: install it"):
        Client(other).settings()


def test_a_server_with_a_password_alone_says_what_it_lacks(start, in_repository):
    server = start(f"--PasswordIdentityProvider.hashed_password={PASSWORD}", lets_in=False)
    with pytest.raises(ServerError, match=r"has no token for kernels: give it one"):
        Client(server).settings()


def test_what_the_server_refuses_keeps_its_sentence_and_its_reason(start, in_repository):
    client = Client(start())
    with pytest.raises(ServerError) as refused:
        client.session("0123456789ab")
    assert (refused.value.status, refused.value.reason) == (404, "session_not_found")
    assert refused.value.message.startswith("There is no session")


def test_a_stream_whose_server_dies_says_so_and_no_traceback(
    start, in_repository, repository, image, containers
):
    server = start()
    lines = Client(server).run("bash", "", args=["-c", "echo one; sleep 1000"])
    assert next(lines)["type"] == "started"
    assert next(lines)["text"] == "one\n"
    os.kill(server.pid, 9)
    with pytest.raises(AgentError, match="went away before it had told all") as broken:
        next(lines)
    assert broken.value.reason == "broken_off"
    assert broken.value._render_traceback_() == [broken.value.message]
