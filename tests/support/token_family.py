"""Providers whose refresh tokens are single-use, where a reuse ends the whole family."""

from __future__ import annotations

import base64
import itertools
import json
import threading
import time
from typing import Any

from providers import Provider, Request
from providers.http import Reply, answer
from providers.logins import CODE
from providers.tls import Authority

#: Where Claude Code, Codex and OpenCode, and Gemini CLI ask for tokens.
_ENDPOINTS = {
    "platform.claude.com/v1/oauth/token",
    "auth.openai.com/oauth/token",
    "oauth2.googleapis.com/token",
}

#: Of an answer to a refresh, in seconds, as over a slow network.
_LATENCY = 2.0

HOUR = 3600


class TokenFamily(Provider):
    """A provider that gives out tokens, and takes the newest access token only.

    Parameters
    ----------
    address : str
        Of an interface that only containers of the test can reach.
    authority : Authority
    rotates : bool
        Whether a refresh token works once only. Google's goes on working, and so do the
        access tokens that it gave.

    Attributes
    ----------
    life : int
        Of the tokens that it gives out, in seconds: at first they have expired already.
    refreshes : int
        How often a token was asked for with a refresh token.
    dead : bool
        Whether a refresh token came twice; nothing works then.
    """

    def __init__(self, address: str, authority: Authority, rotates: bool = True) -> None:
        super().__init__(address, "no token yet", authority)
        self.life, self.refreshes = -HOUR, 0
        self.dead = False
        self._rotates = rotates
        self._refresh_token = ""
        self._accepted: list[str] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Answer a token endpoint's calls; leave the others to the provider."""
        if f"{request.headers.get('host')}{request.path}" not in _ENDPOINTS:
            return super().answer(request)
        self.requests.append(request)
        if request.body.get("code") == CODE:
            with self._lock:
                return answer(self._tokens())
        return self._refresh(request)

    def accepts(self, request: Request) -> bool:
        """Whether a request carries an access token that holds."""
        return any(request.carries(token) for token in self._accepted)

    def begin(self) -> None:
        """Give out tokens that hold from now on, and count anew; the others have expired."""
        self.life, self.refreshes = HOUR, 0
        self._accepted.clear()

    def _refresh(self, request: Request) -> Reply:
        with self._lock:
            self.refreshes += 1
            if self.dead or request.body.get("refresh_token") != self._refresh_token:
                self.dead = True
                self._accepted.clear()
                return _refused(request)
            tokens = self._tokens()
        if self.life > 0:
            # Used up, while the answer is still on its way: the moment that ends families.
            threading.Event().wait(_LATENCY)
        return answer(tokens)

    def _tokens(self) -> dict[str, Any]:
        """Make new tokens, in a form that does for all; access tokens are OpenAI's."""
        now = int(time.time())
        number = str(next(self._numbers))
        if self._rotates or not self._refresh_token:
            self._refresh_token = f"refresh-{number}"
            self._accepted.clear()
        self.credential = _jwt({
            "iss": "https://auth.openai.com",
            "sub": "auth0|1",
            "iat": now,
            "exp": now + self.life,
            "jti": number,
            "email": "ada@example.test",
            "https://api.openai.com/auth": {
                "chatgpt_account_id": "account",
                "chatgpt_plan_type": "pro",
                "chatgpt_user_id": "user",
            },
        })  # fmt: skip
        self._accepted.append(self.credential)
        return {
            "access_token": self.credential,
            "id_token": self.credential,
            "refresh_token": self._refresh_token,
            "token_type": "Bearer",
            "expires_in": self.life,
            "scope": "user:inference user:profile",
        }


def _refused(request: Request) -> Reply:
    if "openai" in request.headers["host"]:
        code = "refresh_token_reused"
        return answer({"error": {"message": code, "code": code}}, 401)
    return answer({"error": "invalid_grant"}, 400)


def _jwt(claims: dict[str, Any]) -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    header = json.dumps({"alg": "RS256", "typ": "JWT"}).encode()
    return f"{part(header)}.{part(json.dumps(claims).encode())}.{part(b'signature')}"
