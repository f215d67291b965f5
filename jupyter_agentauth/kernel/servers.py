"""Which Jupyter server a kernel belongs to.

What is asked, in this order:

1. ``AGENTAUTH_SERVER_URL`` and ``AGENTAUTH_SERVER_TOKEN``, where they are set.
2. The runtime files of running servers: the one that started this process
   (``JPY_PARENT_PID``, else a parent of a parent), else the one whose root directory holds
   the working directory, the nearest one; else the only one.
3. JupyterHub's environment, ``JUPYTERHUB_SERVICE_URL`` and ``JUPYTERHUB_API_TOKEN``.
"""

from __future__ import annotations

import ipaddress
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from .errors import ServerNotFound

_WAY_OUT = (
    "start JupyterLab with jupyter_agentauth in its environment, or set AGENTAUTH_SERVER_URL and "
    "AGENTAUTH_SERVER_TOKEN"
)

#: What a server listens on that listens on all addresses.
_ANY_ADDRESS = ("", "0.0.0.0", "::", "*")


class _Token(str):
    """Shows itself to nobody, also where a traceback shows all variables."""

    def __repr__(self) -> str:
        return "'[secure]'"


class _Environment(dict[str, str]):
    """As `_Token`."""

    def __repr__(self) -> str:
        return "environ"


@dataclass(frozen=True)
class Server:
    """A Jupyter server and what lets a request in.

    Parameters
    ----------
    url : str
        With its base URL; ends in a slash.
    token : str
        Never shown.
    root : str
        Its root directory; empty where it is not known.
    unix_socket : str or None
        The socket that it listens on in place of a port.
    own : bool
        Whether it is a process of this user on this machine, as its runtime file says.
    pid : int or None
        The process, where it is known.
    """

    url: str
    token: str = field(repr=False)
    root: str = ""
    unix_socket: str | None = None
    own: bool = False
    pid: int | None = None

    @property
    def host(self) -> str:
        """The host of its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_near(self) -> bool:
        """Whether requests to it stay on this machine, whoever answers for names and addresses."""
        return self.unix_socket is not None or _is_loopback(self.host)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, so that no proxy is to see its token."""
        return self.own or self.is_near

    @property
    def has_ended(self) -> bool:
        """Whether its process is known, and gone."""
        return self.pid is not None and not _runs(self.pid)

    @property
    def needs_no_certificate(self) -> bool:
        """Whether its certificate proves nothing.

        A runtime file does not say which certificate its server has, and that is its own as a
        rule. The file is ours alone, its process runs and holds the port, and the request does
        not leave the machine: nobody else can answer.
        """
        return self.own and self.is_near


def find_server(environ: Mapping[str, str] | None = None, directory: str | None = None) -> Server:
    """Find the server of this kernel.

    Parameters
    ----------
    environ : mapping, optional
        The process's environment by default.
    directory : str, optional
        The working directory by default.

    Raises
    ------
    ServerNotFound
    """
    environ = _Environment(os.environ if environ is None else environ)
    if environ.get("AGENTAUTH_SERVER_URL"):
        return _named(environ)
    servers = find_servers(environ)
    directory = _working_directory() if directory is None else directory
    found = _parent_of(servers, environ) or _nearest(servers, directory)
    if found is None and environ.get("JUPYTERHUB_SERVICE_URL"):
        found = _of_hub(environ)
    if found is not None:
        return found
    if len(servers) == 1:
        return servers[0]
    if servers:
        roots = ", ".join(sorted(server.root for server in servers))
        raise ServerNotFound(
            f"Several Jupyter servers run ({roots}), and none of them started this kernel or holds "
            f"{directory}: set AGENTAUTH_SERVER_URL and AGENTAUTH_SERVER_TOKEN.",
            "several_servers",
        )
    raise ServerNotFound(f"No Jupyter server is there for this kernel: {_WAY_OUT}.")


def find_servers(environ: Mapping[str, str] | None = None) -> list[Server]:
    """List this user's running Jupyter servers, from their runtime files."""
    from jupyter_core.paths import jupyter_runtime_dir

    environ = _Environment(os.environ if environ is None else environ)
    directory = environ.get("JUPYTER_RUNTIME_DIR") or jupyter_runtime_dir()
    files = sorted(Path(directory).glob("jpserver-*.json"))
    servers = (_of_runtime_file(file, environ) for file in files)
    return [server for server in servers if server is not None]


def _named(environ: _Environment) -> Server:
    token = _Token(environ.get("AGENTAUTH_SERVER_TOKEN", ""))
    parts = _parts_of_address(_Token(environ["AGENTAUTH_SERVER_URL"]))
    if parts is None:
        raise ServerNotFound(
            "AGENTAUTH_SERVER_URL is no address of a server: write it as http://localhost:8888/.",
            "bad_server_url",
        )
    if parts.scheme == "http+unix":
        address = urlunsplit(("http", "localhost", _with_slash(parts.path), "", ""))
        return Server(address, token, unix_socket=unquote(parts.netloc))
    # An address copied out of a browser has the token in its query.
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    token = token or _Token(unquote(query.get("token", "")))
    host = parts.netloc.rpartition("@")[2]
    return Server(urlunsplit((parts.scheme, host, _with_slash(parts.path), "", "")), token)


def _parts_of_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:  # Its port is no number, or a bracket is open.
        return None
    return parts if usable and parts.scheme in ("http", "https", "http+unix") else None


def _of_runtime_file(file: Path, environ: Mapping[str, str]) -> Server | None:
    info = _read(file)
    try:
        pid, token = int(info["pid"]), _Token(info.get("token") or "")
        base, root = _with_slash(str(info["base_url"])), str(info["root_dir"])
        sock, port = str(info.get("sock") or ""), int(info["port"])
        host, secure = str(info["hostname"]), bool(info.get("secure"))
    except (KeyError, TypeError, ValueError):
        return None
    if not _runs(pid):
        return None  # A server that was killed leaves its file.
    if not token and base == _hub_base(environ):
        # Under JupyterHub the server has no token of its own, but takes the Hub's for it: its
        # role has the scope access:servers!server (JupyterHub 6.1). No other server gets it.
        token = _Token(environ.get("JUPYTERHUB_API_TOKEN", ""))
    if sock:
        return Server(f"http://localhost{_quoted(base)}", token, root, sock, own=True, pid=pid)
    host = "localhost" if host in _ANY_ADDRESS else host
    host = f"[{host}]" if ":" in host else host
    url = f"{'https' if secure else 'http'}://{host}:{port}{_quoted(base)}"
    return Server(url, token, root, own=True, pid=pid)


def _read(file: Path) -> dict[str, Any]:
    """Read a runtime file that this user wrote; a link or another's file is none."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with open(os.open(file, flags), encoding="utf-8") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
                return {}
            info = json.load(opened)
    except (OSError, ValueError):
        return {}
    return info if isinstance(info, dict) else {}


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return pid > 0


def _parent_of(servers: list[Server], environ: Mapping[str, str]) -> Server | None:
    by_pid = {server.pid: server for server in servers}
    named = environ.get("JPY_PARENT_PID", "")
    if named.isdigit() and int(named) in by_pid:
        return by_pid[int(named)]
    # A launcher (`conda run`, a wrapper of the kernel) may stand between, or a terminal's shell.
    for pid in _ancestors():
        if pid in by_pid:
            return by_pid[pid]
    return None


def _ancestors() -> list[int]:
    found: list[int] = []
    pid = os.getppid()
    while pid > 1 and pid not in found:
        found.append(pid)
        try:  # Linux; elsewhere the parent is all that is known.
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            pid = int(status.rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return found


def _nearest(servers: list[Server], directory: str) -> Server | None:
    """Return the server with the deepest root that holds the directory; the newest of several."""
    directory = os.path.realpath(directory)
    holding = []
    for server in servers:
        root = os.path.realpath(server.root)
        if root == os.sep or directory == root or directory.startswith(root + os.sep):
            holding.append((len(root), server.pid or 0, server))
    return max(holding, key=lambda entry: entry[:2])[2] if holding else None


def _of_hub(environ: Mapping[str, str]) -> Server | None:
    token = _Token(environ.get("JUPYTERHUB_API_TOKEN", ""))
    try:
        parts = urlsplit(environ["JUPYTERHUB_SERVICE_URL"])
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    host = parts.hostname or "localhost"
    host = "127.0.0.1" if host in _ANY_ADDRESS else host
    host = f"[{host}]" if ":" in host else host
    base = _hub_base(environ) or _with_slash(parts.path)
    return Server(f"{parts.scheme or 'http'}://{host}{port}{base}", token)


def _hub_base(environ: Mapping[str, str]) -> str:
    prefix = environ.get("JUPYTERHUB_SERVICE_PREFIX")
    return _with_slash(prefix) if prefix else ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _quoted(base: str) -> str:
    """Quote a base URL no more than a request needs: a server compares it as it was given."""
    return quote(base, safe="/%@:!$&'()*+,;=~")


def _with_slash(path: str) -> str:
    return f"/{path.strip('/')}/" if path.strip("/") else "/"


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # It was removed.
        return os.sep
