"""The server that all protocols share: it listens, records, and answers by path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from . import anthropic, chatgpt, gemini, github, google, logins, openai
from .http import Edit, Protocol, Reply, Request, answer
from .listening import Listening
from .tls import Authority
from .tunnel import Tunnelling

T = TypeVar("T")

_MODELS: dict[str, Protocol] = {
    r"/messages$": anthropic.messages,
    r"/responses$": openai.responses,
    r"/chat/completions$": openai.chat,
    r":(stream)?[gG]enerateContent$": gemini.generate_content,
}

#: What a CLI asks on the way to a model.
_OTHERS: dict[str, Protocol] = {
    r"^/backend-api/wham/accounts/check$": chatgpt.accounts,
    r"^/api/accounts/v1/user-auth-credential/whoami$": chatgpt.whoami,
    r"^/tokeninfo$": google.token_info,
    r"^/oauth2/v2/userinfo$": google.user,
    r"^/v1internal:loadCodeAssist$": google.code_assist,
    r"/copilot_internal/user$": github.user,
    r"^/models$": github.models,
}

#: What a login asks, given the credential that it is to end with.
_LOGINS: dict[str, Callable[[Request, str], Reply]] = {
    r"^/(api|v1/oauth)/hello$": logins.claude_hello,
    r"^/v1/oauth/token$": logins.claude_token,
    r"^/api/oauth/profile$": logins.claude_profile,
    r"^/api/oauth/claude_cli/roles$": logins.claude_roles,
    r"^/api/accounts/deviceauth/usercode$": logins.openai_user_code,
    r"^/api/accounts/deviceauth/token$": logins.openai_code,
    r"^/login/device/code$": logins.github_code,
    r"^/login/oauth/access_token$": logins.github_token,
}


class Provider(Listening):
    """All providers at once, for one test.

    Parameters
    ----------
    address : str
        Of an interface that only containers of the test can reach.
    credential : str
        The one that it accepts; model requests without it are answered with 401.
    authority : Authority, optional
        With one it is also reached under any host's name, see `tunnel`.

    Attributes
    ----------
    requests : list of Request
        What arrived, in order.
    edit : Edit, callable or None
        What the next run's model writes; a callable tells it from the request.
    before_answer : callable
        Called with every model request before it is answered, while the agent waits.
    """

    def __init__(self, address: str, credential: str, authority: Authority | None = None) -> None:
        self.credential = credential
        self.begin_anew()
        super().__init__(address, type("Handler", (_Handler,), {"provider": self}), authority)

    def begin_anew(self) -> None:
        """Forget what a test before asked and wanted."""
        self.requests: list[Request] = []
        self.edit: Edit | Callable[[Request], Edit | None] | None = None
        self.before_answer: Callable[[Request], object] = lambda request: None

    def accepts(self, request: Request) -> bool:
        """Whether a request carries the credential."""
        return request.carries(self.credential)

    def answer(self, request: Request) -> Reply:
        """Record a request and answer it."""
        model, other = _at(_MODELS, request), _at(_OTHERS, request)
        login, protocol = _at(_LOGINS, request), model or other
        self.requests.append(replace(request, model=model is not None))
        if "upgrade" in request.headers:
            return _error(426, "no websocket here")  # So the CLI falls back to HTTP.
        if login:
            return login(request, self.credential)
        if protocol is None:
            return _error(404, "the stand-in has nothing there")
        if not self.accepts(request):
            return _error(401, "the stand-in does not know that credential")
        if model:
            self.before_answer(request)
        edit = self.edit(request) if callable(self.edit) else self.edit
        return protocol(request, edit)


def _at(table: Mapping[str, T], request: Request) -> T | None:
    return next((entry for path, entry in table.items() if re.search(path, request.path)), None)


def _error(status: int, message: str) -> Reply:
    return answer({"error": {"message": message, "code": status}}, status)


class _Handler(Tunnelling):
    provider: Provider

    def _handle(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        reply = self.provider.answer(Request(self.command, path, headers, self._body()))
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _handle

    def _body(self) -> Any:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            content = b"".join(iter(self._chunk, b""))
        else:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            return json.loads(content)
        except ValueError:
            text = content.decode("latin1")
        kind = self.headers.get("Content-Type", "")
        return dict(parse_qsl(text)) if "x-www-form-urlencoded" in kind else text

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        content = self.rfile.read(size)
        self.rfile.readline()
        return content

    def log_message(self, *arguments: object) -> None:
        """Say nothing: what arrived stands in the record."""
