"""OpenAI's sign-in as Codex uses it: single-use refresh tokens, where a reuse ends the family."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

from providers.http import DONE, stream
from providers.listening import Listening

#: What Codex 0.169.0 calls with an access token.
ACCOUNT = {"chatgpt_account_id": "account", "chatgpt_plan_type": "pro", "chatgpt_user_id": "user"}

#: Of the token endpoint's answer, in seconds, as over a slow network.
LATENCY = 2.0


class TokenFamily(Listening):
    """The provider's side: a token endpoint, and a model that takes the newest token only.

    Parameters
    ----------
    address : str
        Of an interface that only containers of the test can reach.

    Attributes
    ----------
    refreshes : int
        How often a token was asked for.
    dead : bool
        Whether a refresh token came twice; nothing works then.
    answered : int
        Model requests that carried the newest access token.
    """

    def __init__(self, address: str) -> None:
        self.refreshes = self.answered = 0
        self.dead = False
        self._refresh_token, self._access_token = "refresh-0", ""
        self._lock = threading.Lock()
        super().__init__(address, type("Handler", (_Handler,), {"family": self}))

    def expired(self) -> str:
        """Return Codex's ``auth.json`` of a sign-in that expired an hour ago."""
        tokens = {**self._tokens(-3600), "refresh_token": self._refresh_token}
        tokens["account_id"] = "account"
        last = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7200))
        return json.dumps(
            {
                "auth_mode": "chatgpt",
                "OPENAI_API_KEY": None,
                "tokens": tokens,
                "last_refresh": last,
            }
        )

    def refresh(self, token: object) -> tuple[int, dict[str, Any]]:
        """Answer one call of the token endpoint."""
        with self._lock:
            self.refreshes += 1
            if self.dead or token != self._refresh_token:
                self.dead = True
                code = "refresh_token_reused"
                return 401, {"error": {"message": code, "code": code}}
            self._refresh_token = f"refresh-{self.refreshes}"
            fresh = self._tokens(3600)
            self._access_token = fresh["access_token"]
        # Used up, while the answer is still on its way: the moment that ends families.
        threading.Event().wait(LATENCY)
        return 200, {**fresh, "refresh_token": self._refresh_token}

    def accepts(self, authorization: str) -> bool:
        """Whether a request carries the newest access token of a living family."""
        with self._lock:
            good = not self.dead and authorization == f"Bearer {self._access_token}"
            self.answered += good
            return good

    def _tokens(self, life: int) -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": "https://auth.openai.com",
            "sub": "auth0|1",
            "iat": now,
            "exp": now + life,
            "jti": str(self.refreshes),
            "email": "ada@example.test",
            "https://api.openai.com/auth": ACCOUNT,
        }
        return {"id_token": _jwt(claims), "access_token": _jwt(claims)}


def _jwt(claims: dict[str, Any]) -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    header = json.dumps({"alg": "RS256", "typ": "JWT"}).encode()
    return f"{part(header)}.{part(json.dumps(claims).encode())}.{part(b'signature')}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    family: TokenFamily

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/oauth/token"):
            status, answer = self.family.refresh(json.loads(body).get("refresh_token"))
            self._send(status, json.dumps(answer).encode())
        elif not self.path.endswith("/responses"):
            self._send(404, b"{}")
        elif self.family.accepts(self.headers.get("Authorization", "")):
            self._send(200, _said().body, "text/event-stream")
        else:
            self._send(401, b'{"error": {"code": "token_expired", "message": "expired"}}')

    def do_GET(self) -> None:
        upgrade = self.headers.get("Upgrade")
        self._send(426 if upgrade else 404, b"{}")

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the counters say it."""


def _said() -> Any:
    # The body is compressed under this sign-in and need not be read to be answered.
    item = {
        "type": "message",
        "id": "msg_standin",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": DONE, "annotations": []}],
    }
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    response = {"id": "resp_standin", "object": "response", "created_at": 1, "output": [item]}
    done = {**response, "status": "completed", "usage": usage}
    return stream(
        [
            {"type": "response.created", "response": {**response, "output": []}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": done},
        ]
    )
