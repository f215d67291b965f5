"""The server's REST API for a kernel; every call blocks.

A kernel can outlive its server: a client that `connect` returned goes on with the one that took
its place.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any
from urllib.parse import quote

import httpx

from .connection import http_client
from .errors import AgentError, ServerNotFound
from .refusals import NotLetIn, NotReached, gone, no_extension, refusal
from .servers import Server, find_server

_API = "agentauth/api/"

#: To connect, in seconds; near servers answer at once.
_CONNECT_SECONDS = 10

#: For an answer, in seconds: a launch waits for the engine, and a look at a big worktree for git.
_ANSWER_SECONDS = 180


#: Makes a request; once more where another server is asked the second time.
_Make = Callable[[httpx.Client], httpx.Request]


class Client:
    """The REST API of one server.

    Parameters
    ----------
    server : Server
    find : callable, optional
        Finds the server anew when it is gone, see `connect`.
    """

    def __init__(self, server: Server, find: Callable[[], Server] | None = None) -> None:
        self.server = server
        self._find = find
        self._lock = threading.Lock()
        self._http = http_client(server)

    def __repr__(self) -> str:
        return f"Client({self.server.url!r})"

    def find_again(self) -> None:
        """Go on with another server if the one that was asked last is gone and there is one."""
        with suppress(ServerNotFound):
            self._found_anew(self.server)

    def page_url(self, path: str = "") -> str:
        """Return the address of one of the server's pages, without a token."""
        return self.server.url + path.lstrip("/")

    def get(self, path: str, /, **query: object) -> Any:
        """Call a route below ``agentauth/api/`` and return its JSON; raises `AgentError`."""
        return self._call("GET", path, None, query)

    def post(self, path: str, /, body: object = None, **query: object) -> Any:
        """As `get`."""
        return self._call("POST", path, body, query)

    def patch(self, path: str, /, body: object = None, **query: object) -> Any:
        """As `get`."""
        return self._call("PATCH", path, body, query)

    def delete(self, path: str, /, **query: object) -> Any:
        """As `get`."""
        return self._call("DELETE", path, None, query)

    def stream(self, method: str, path: str, body: object = None) -> Iterator[dict[str, Any]]:
        """Call a route that answers with lines, and yield each as it comes.

        Closing the iterator closes the connection.

        Raises
        ------
        AgentError
            With reason ``broken_off`` when the server is gone before the last line.
        """
        request = self._request(method, path, body, {}, read=None)
        with closing(self._send(request, stream=True)) as response:
            if response.status_code == 204:
                return
            try:
                for line in response.iter_lines():
                    if line:
                        yield json.loads(line)
            except (httpx.TransportError, ValueError):
                raise AgentError(
                    f"The Jupyter server at {self.server.url} went away before it had told all: "
                    "look at `%agents` when it is back.",
                    "broken_off",
                ) from None

    def agents(self) -> list[dict[str, Any]]:
        """Return the agents, with their sign-ins."""
        return list(self.get("agents"))

    def sign_out(self, agent: str, profile: str | None = None) -> None:
        """Delete what an agent stored under a profile."""
        self.delete(f"agents/{_part(agent)}/auth", profile=profile)

    def settings(self) -> dict[str, Any]:
        """Return the settings; ``share_auth`` is the sharing preference."""
        return dict(self.get("settings"))

    def change_settings(self, **changes: object) -> dict[str, Any]:
        """Change ``share_auth`` or ``profile``, and return the settings."""
        return dict(self.patch("settings", changes))

    def worktrees(self) -> list[dict[str, Any]]:
        """Return the git worktrees under the server's root."""
        return list(self.get("worktrees"))

    def choices(self, repo: str) -> dict[str, Any]:
        """Return what there is to choose from for a new worktree of a repository."""
        return dict(self.get("worktrees/choices", repo=repo))

    def add_worktree(
        self,
        repo: str,
        branch: str,
        base: str | None = None,
        path: str | None = None,
        carry: Sequence[dict[str, str]] = (),
    ) -> dict[str, Any]:
        """Make a worktree; ``repo`` is the path of any worktree of its repository."""
        wanted = {"repo": repo, "branch": branch, "base": base, "path": path}
        body = {key: value for key, value in wanted.items() if value is not None}
        return dict(self.post("worktrees", {**body, "carry": list(carry)}))

    def remove_worktree(self, path: str, force: bool = False) -> None:
        """Remove a worktree; with ``force`` also with unsaved work and sessions."""
        self.delete("worktrees", path=path, force="true" if force else "false")

    def changes(self, path: str, since: str = "head") -> dict[str, Any]:
        """Return what changed in a worktree since ``head`` or ``base``."""
        return dict(self.get("worktrees/changes", path=path, since=since))

    def apply_worktree(
        self, path: str, message: str | None = None, into: str | None = None
    ) -> dict[str, Any]:
        """Commit what is in a worktree, and merge its branch into another worktree."""
        wanted = {"path": path, "message": message, "into": into}
        return dict(self.post("worktrees/apply", _given(wanted)))

    def discard_worktree(self, path: str) -> dict[str, Any]:
        """Remove a worktree and its branch; the answer says how to have them back."""
        return dict(self.post("worktrees/discard", {"path": path}))

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions that run, and those that ended."""
        return list(self.get("sessions"))

    def session(self, session: str) -> dict[str, Any]:
        """Return one session."""
        return dict(self.get(f"sessions/{_part(session)}"))

    def open_session(
        self,
        agent: str,
        args: Sequence[str] = (),
        worktree: str | None = None,
        profile: str | None = None,
        share_auth: bool | None = None,
        resume: str | None = None,
    ) -> dict[str, Any]:
        """Open a session in a terminal of the server.

        Parameters
        ----------
        resume : str, optional
            The conversation of a run to go on with.
        """
        return dict(
            self.post("sessions", _launch(agent, args, worktree, profile, share_auth, resume))
        )

    def stop_session(self, session: str) -> None:
        """Stop a session, or a run; its container is gone then."""
        self.delete(f"sessions/{_part(session)}")

    def restart_session(self, session: str) -> dict[str, Any]:
        """Start a session anew as it was started."""
        return dict(self.post(f"sessions/{_part(session)}/restart"))

    def image(self) -> dict[str, Any]:
        """Return the agent image and the versions in it."""
        return dict(self.get("image"))

    def build_image(
        self, base_image: str | None = None, agents: Sequence[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """Build the agent image and yield its progress; it goes on while anybody reads it."""
        wanted = {"base_image": base_image, "agents": list(agents) or None}
        return self.stream("POST", "image/build", _given(wanted))

    def join_build(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of the build that runs, from the first on; none when none runs."""
        return self.stream("GET", "image/build")

    def cancel_build(self) -> None:
        """Break the image build off, if one runs."""
        self.delete("image/build")

    def doctor(self) -> list[dict[str, Any]]:
        """Return what works, what does not, and what mends it."""
        return list(self.get("doctor"))

    def run(
        self,
        agent: str,
        prompt: str,
        args: Sequence[str] = (),
        worktree: str | None = None,
        profile: str | None = None,
        share_auth: bool | None = None,
        resume: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Run one prompt without a terminal, and yield what the agent tells as it comes."""
        asked = _launch(agent, args, worktree, profile, share_auth, resume)
        return self.stream("POST", "runs", {**asked, "prompt": prompt})

    def join_run(self, run: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of a run, from the first on."""
        return self.stream("GET", f"runs/{_part(run)}")

    def stop_run(self, run: str) -> None:
        """Cancel a run; its container is gone then."""
        self.delete(f"runs/{_part(run)}")

    def _call(self, method: str, path: str, body: object, query: dict[str, object]) -> Any:
        request = self._request(method, path, body, query, read=_ANSWER_SECONDS)
        response = self._send(request)
        try:
            return response.json() if response.content else None
        except ValueError:
            raise no_extension(self.server) from None

    def _request(
        self,
        method: str,
        path: str,
        body: object,
        query: dict[str, object],
        read: float | None,
    ) -> _Make:
        timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS, read=read)
        params = {key: str(value) for key, value in _given(query).items()}

        def make(http: httpx.Client) -> httpx.Request:
            return http.build_request(
                method, _API + path, json=body, params=params or None, timeout=timeout
            )

        return make

    def _send(self, make: _Make, stream: bool = False) -> httpx.Response:
        asked = self.server
        try:
            return self._ask(make, stream)
        except (NotReached, NotLetIn) as error:
            refused: AgentError = error
        # Another server may have its port meanwhile, with another token.
        if not self._found_anew(asked):
            raise refused
        return self._ask(make, stream)

    def _ask(self, make: _Make, stream: bool) -> httpx.Response:
        with self._lock:
            server, http = self.server, self._http
        if server.has_ended:  # Who has its port now is not to see its token.
            raise gone(server)
        try:
            response = http.send(make(http), stream=stream)
            if not response.is_success:
                response.read()
        except httpx.TransportError as error:
            raise gone(server, error) from None
        if not response.is_success:
            response.close()
            raise refusal(response, server)
        return response

    def _found_anew(self, asked: Server) -> bool:
        """Return whether there is another server than the one that was asked."""
        with self._lock:
            if self.server is not asked:
                return True  # Another thread has found it.
            server = self._find() if self._find is not None else asked
            if server == asked:
                return False
            self.server, self._http = server, http_client(server)
            return True


_connected: dict[tuple[str | None, ...], Client] = {}


def connect() -> Client:
    """Return the client of this kernel's server; the same one each time.

    A kernel can outlive its server: it goes on with the one that took its place.

    Raises
    ------
    ServerNotFound
    """
    names = ("AGENTAUTH_SERVER_URL", "AGENTAUTH_SERVER_TOKEN", "JUPYTER_RUNTIME_DIR")
    environment = tuple(os.environ.get(name) for name in names)
    if environment not in _connected:
        _connected[environment] = Client(find_server(), find_server)
    return _connected[environment]


def _launch(
    agent: str,
    args: Sequence[str],
    worktree: str | None,
    profile: str | None,
    share_auth: bool | None,
    resume: str | None,
) -> dict[str, Any]:
    wanted = {
        "agent": agent, "args": list(args), "worktree": worktree, "profile": profile,
        "share_auth": share_auth, "resume": resume,
    }  # fmt: skip
    return _given(wanted)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _part(text: str) -> str:
    """Quote one part of a path."""
    return quote(text, safe="")
