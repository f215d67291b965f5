"""How a kernel's calls reach its server, also when another takes that one's place."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import Any

import httpx

from .connection import http_client
from .errors import AgentError, ServerNotFound
from .refusals import NotLetIn, NotReached, gone, no_extension, refusal
from .servers import Server

_API = "agentauth/api/"

#: To connect, in seconds; near servers answer at once.
_CONNECT_SECONDS = 10

#: For an answer, in seconds: a launch waits for the engine, and a look at a big worktree for git.
_ANSWER_SECONDS = 180

#: What a server tells, line by line; closing it closes the connection.
Told = Generator[dict[str, Any], None, None]

#: Makes a request; once more where another server is asked the second time.
_Make = Callable[[httpx.Client], httpx.Request]


class Transport:
    """Calls of one server, below ``agentauth/api/``.

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
        return f"{type(self).__name__}({self.server.url!r})"

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

    def stream(self, method: str, path: str, body: object = None) -> Told:
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
        params = {key: str(value) for key, value in given(query).items()}

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
            request = make(http)
        except UnicodeEncodeError:
            raise AgentError(
                "It holds half a character, which cannot be sent: take it out.", "bad_text"
            ) from None
        try:
            response = http.send(request, stream=stream)
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


def given(values: dict[str, Any]) -> dict[str, Any]:
    """Return those of a call's values that somebody gave."""
    return {key: value for key, value in values.items() if value is not None}
