"""Which server a kernel takes for its own, from its environment and the runtime files."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jupyter_agentauth.kernel.client import Client
from jupyter_agentauth.kernel.errors import ServerNotFound
from jupyter_agentauth.kernel.servers import Server, find_server, find_servers

TOKEN = "a-token-that-nobody-may-see"


@pytest.fixture
def running(tmp_path):
    """Write the runtime file of a server; of this very process unless said otherwise."""
    runtime = tmp_path / "runtime"
    runtime.mkdir()

    def write(name="1", **info):
        known = {
            "pid": os.getpid(), "port": 8888, "hostname": "localhost", "base_url": "/",
            "root_dir": "/", "secure": False, "sock": "", "token": TOKEN,
        }  # fmt: skip
        file = runtime / f"jpserver-{name}.json"
        file.write_text(json.dumps({**known, **info}))
        return file

    write.environ = {"JUPYTER_RUNTIME_DIR": str(runtime)}
    return write


def find(running, directory="/nowhere", **environ):
    return find_server({**running.environ, **environ}, directory)


def test_the_environment_wins_over_every_runtime_file(running):
    running()
    found = find(
        running, AGENTAUTH_SERVER_URL="https://hub.test/user/ada", AGENTAUTH_SERVER_TOKEN="t"
    )
    assert (found.url, found.token) == ("https://hub.test/user/ada/", "t")


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("localhost:8888", "http://localhost:8888/"),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888/lab/"),
        ("http://ada:pass@localhost:1/", "http://localhost:1/"),
    ],
)
def test_an_address_as_people_write_it_is_taken_without_its_secrets(running, written, url):
    found = find(running, AGENTAUTH_SERVER_URL=written)
    assert found.url == url
    assert found.token == ("abc" if "token" in written else "")


def test_a_unix_socket_can_be_named(running):
    found = find(running, AGENTAUTH_SERVER_URL="http+unix://%2Frun%2Fj.sock/base")
    assert (found.unix_socket, found.url) == ("/run/j.sock", "http://localhost/base/")


@pytest.mark.parametrize(
    "written",
    ["ftp://x?token=", "http://[::1?token=", "http://x:y/?token=", "http://x:99999?token="],
)
def test_an_address_that_is_none_is_said_in_one_sentence_without_its_token(running, written):
    secret = {"AGENTAUTH_SERVER_TOKEN": TOKEN, "JUPYTERHUB_API_TOKEN": TOKEN}
    with pytest.raises(ServerNotFound, match="AGENTAUTH_SERVER_URL is no address") as raised:
        find(running, AGENTAUTH_SERVER_URL=written + TOKEN, **secret)
    frames = traceback.TracebackException.from_exception(raised.value, capture_locals=True).stack
    ours = [frame for frame in frames if "jupyter_agentauth" in frame.filename]
    assert ours
    assert TOKEN not in repr([frame.locals for frame in ours])


def test_the_server_that_started_the_kernel_is_taken_whatever_its_root(running):
    running("1", root_dir="/srv/near", pid=os.getpid())
    with subprocess.Popen(["sleep", "60"]) as other:
        running("2", root_dir="/elsewhere", pid=other.pid, port=9999)
        found = find(running, "/srv/near/project", JPY_PARENT_PID=str(other.pid))
        other.kill()
    assert found.url == "http://localhost:9999/"


def test_a_parent_of_a_parent_is_found_too(running):
    script = (
        "import sys; from jupyter_agentauth.kernel.servers import find_server; "
        "print(find_server().url)"
    )
    running("1", root_dir="/x", port=1234)
    # A shell between this process, which is the "server", and the kernel.
    command = f'"{sys.executable}" -c "{script}"; true'
    environ = {**os.environ, **running.environ, "JPY_PARENT_PID": "1"}
    environ.pop("AGENTAUTH_SERVER_URL", None)
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env=environ, check=True
    )
    assert done.stdout.strip() == "http://localhost:1234/", done.stderr


def test_else_the_server_with_the_nearest_root_is_taken(running, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.kernel.servers._ancestors", list)
    running("1", root_dir="/srv", port=1)
    running("2", root_dir="/srv/deep", port=2)
    running("3", root_dir="/srv/deeper", port=3)
    assert find(running, "/srv/deep/project").url == "http://localhost:2/"
    assert find(running, "/srv/other").url == "http://localhost:1/"


def test_a_kernel_that_outlived_its_server_finds_the_next_one(running, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.kernel.servers._ancestors", list)
    running("old", pid=4_000_000, root_dir="/srv", port=1)
    running("new", root_dir="/srv", port=2)
    assert find(running, "/srv", JPY_PARENT_PID="4000000").url == "http://localhost:2/"


def test_the_only_server_is_taken_wherever_one_is(running, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.kernel.servers._ancestors", list)
    running("1", root_dir="/srv")
    assert find(running, "/home/ada").url == "http://localhost:8888/"


def test_of_several_that_fit_badly_none_is_guessed(running, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.kernel.servers._ancestors", list)
    running("1", root_dir="/srv/one")
    running("2", root_dir="/srv/two")
    with pytest.raises(ServerNotFound, match=r"/srv/one, /srv/two.*AGENTAUTH_SERVER_URL"):
        find(running, "/home/ada")


def test_without_any_server_one_sentence_says_the_way_out(running):
    with pytest.raises(ServerNotFound, match=r"start JupyterLab .* or set AGENTAUTH_SERVER_URL"):
        find(running)


@pytest.mark.parametrize("file", ["torn", "a link", "a number", "of a dead process"])
def test_a_runtime_file_that_is_not_one_is_passed_over(running, tmp_path, file):
    if file == "a link":
        real = running("1")
        real.rename(tmp_path / "elsewhere.json")
        real.symlink_to(tmp_path / "elsewhere.json")
    elif file == "of a dead process":
        running("1", pid=4_000_000)
    else:
        running("1").write_text("12" if file == "a number" else '{"pid": ')
    assert find_servers(running.environ) == []


@pytest.mark.parametrize(
    ("info", "url"),
    [
        ({"hostname": "0.0.0.0"}, "http://localhost:8888/"),
        ({"hostname": "::"}, "http://localhost:8888/"),
        ({"hostname": "::1"}, "http://[::1]:8888/"),
        ({"hostname": "box.test", "secure": True}, "https://box.test:8888/"),
        ({"base_url": "/user/ada@work/%2F/"}, "http://localhost:8888/user/ada@work/%2F/"),
    ],
)
def test_the_address_is_made_of_what_the_server_listens_on(running, info, url):
    running("1", **info)
    assert find_servers(running.environ)[0].url == url


def test_under_jupyterhub_the_hubs_token_is_the_servers(running, monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.kernel.servers._ancestors", list)
    hub = {
        "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8889/user/ada/",
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "JUPYTERHUB_API_TOKEN": TOKEN,
    }
    found = find(running, **hub)
    assert (found.url, found.token) == ("http://127.0.0.1:8889/user/ada/", TOKEN)
    running("1", token="", root_dir="/srv", base_url="/user/ada/")
    assert find(running, "/srv", **hub).token == TOKEN


def test_no_server_but_the_hubs_own_gets_the_hubs_token(running):
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTERHUB_API_TOKEN": TOKEN}
    running("1", token="", base_url="/")
    running("2", token="", base_url="/user/ada/")
    running("3", token="", base_url="/user/bob/")
    found = find_servers({**running.environ, **hub})
    assert [server.token for server in found] == ["", TOKEN, ""]


@pytest.fixture
def proxy(monkeypatch):
    """A proxy that everything is to go by, as the environment says, and what it was asked for."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield asked
        server.shutdown()


def test_a_proxy_is_asked_for_a_far_server_alone(running, proxy):
    far = find(running, AGENTAUTH_SERVER_URL="http://far.test/")
    assert Client(far).agents() == []
    assert proxy == ["http://far.test/agentauth/api/agents"]
    for host in ("127.0.0.1", "127.0.0.2", "localhost", "this-machine.test"):
        running("1", hostname=host, port=1)
        with pytest.raises(ServerNotFound, match="is gone"):
            Client(find_servers(running.environ)[0]).agents()
    assert len(proxy) == 1


def test_who_has_the_port_of_a_server_that_ended_is_asked_nothing(running):
    with socket.create_server(("127.0.0.1", 0)) as taken, subprocess.Popen(["sleep", "60"]) as was:
        running("1", pid=was.pid, hostname="127.0.0.1", port=taken.getsockname()[1])
        client = Client(find_servers(running.environ)[0])
        was.kill()
        was.wait()
        with pytest.raises(ServerNotFound, match="is gone"):
            client.agents()
        taken.setblocking(False)
        with pytest.raises(BlockingIOError):
            taken.accept()


def test_only_what_answers_on_this_machine_from_a_file_of_ours_needs_no_certificate(running):
    running("1", secure=True)
    assert find_servers(running.environ)[0].needs_no_certificate
    running("1", secure=True, hostname="box.test")
    assert not find_servers(running.environ)[0].needs_no_certificate
    assert not find(running, AGENTAUTH_SERVER_URL="https://localhost:1/").needs_no_certificate


def test_the_token_is_in_no_repr_and_no_traceback_with_all_its_variables():
    server = Server("http://localhost:1/", TOKEN)
    client = Client(server)
    try:
        client.agents()
    except ServerNotFound as error:
        told = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    assert "is gone" in told
    for text in (told, repr(server), repr(client), str(client._http)):
        assert TOKEN not in text


def test_neither_side_imports_the_other():
    """A kernel has no engine, and a server no notebook."""

    def imported(module):
        script = f"import sys, {module}; print(' '.join(sys.modules))"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    kernel = imported("jupyter_agentauth.kernel.client") | imported("jupyter_agentauth.kernel.run")
    assert not kernel & {"docker", "tornado", "terminado", "jupyter_server", "ptyprocess"}
    server = imported("jupyter_agentauth.server.app")
    assert not server & {"IPython", "ipywidgets", "httpx", "jupyter_agentauth.kernel"}
