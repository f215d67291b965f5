"""Signed in or not, told from the files that each CLI keeps; no container is started.

A blanked token, garbage, an empty object, or an expired token without a refresh token is
"not signed in". That a token is accepted only a request can tell.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .agents import Agent
from .authstore import AuthStore
from .store_layout import store_path


@dataclass(frozen=True)
class SignIn:
    """One profile's state. ``expires`` is in seconds since the epoch, or ``None``."""

    signed_in: bool
    expires: float | None = None

    def to_json(self, profile: str) -> dict[str, object]:
        """Return the contract's form."""
        expires = (
            datetime.fromtimestamp(self.expires, timezone.utc).isoformat()
            if self.expires is not None
            else None
        )
        return {"name": profile, "signed_in": self.signed_in, "expires": expires}


NOT_SIGNED_IN = SignIn(False)

#: What reading a file raises that is not of the form that the CLI writes.
_NOT_THE_FORM = (
    AttributeError, KeyError, OSError, OverflowError, RecursionError, TypeError, ValueError,
)  # fmt: skip

#: Reads a file below HOME of one agent and profile; ``None`` when it is missing.
Read = Callable[[str], "bytes | None"]


def sign_in(store: AuthStore, agent: Agent, profile: str) -> SignIn:
    """Tell whether an agent is signed in under a profile.

    For an agent of the user's own, whose files we do not know: whether it keeps any file
    in its auth directories that is not just its seed.
    """

    def read(path: str) -> bytes | None:
        return store.read(store_path(str(store.root), agent.name, profile, path))

    rule = _RULES.get(agent.name)
    try:
        return rule(read) if rule else SignIn(_stored_anything(store, agent, profile, read))
    except _NOT_THE_FORM:
        return NOT_SIGNED_IN  # Not the form that the CLI writes.


def _claude(read: Read) -> SignIn:
    # Claude Code 2.1.330: a dead refresh token leaves `accessToken: ""` behind.
    tokens = _json(read(".claude/.credentials.json")).get("claudeAiOauth", {})
    if not tokens.get("accessToken"):
        return NOT_SIGNED_IN
    expires = tokens.get("expiresAt")
    return _unless_expired(expires / 1000 if expires else None, bool(tokens.get("refreshToken")))


def _codex(read: Read) -> SignIn:
    # Codex 0.169.0
    auth = _json(read(".codex/auth.json"))
    if auth.get("OPENAI_API_KEY"):
        return SignIn(True)
    tokens = auth.get("tokens") or {}
    if not tokens.get("access_token"):
        return NOT_SIGNED_IN
    return _unless_expired(_jwt_expiry(tokens["access_token"]), bool(tokens.get("refresh_token")))


def _gemini(read: Read) -> SignIn:
    # Gemini 0.61.0: which of the two it uses stands in `selectedType`.
    selected = _json(read(".gemini/settings.json")).get("security", {}).get("auth", {})
    if not selected.get("selectedType"):
        return NOT_SIGNED_IN
    google = _json(read(".gemini/oauth_creds.json"))
    if google.get("access_token") or google.get("refresh_token"):
        expires = google.get("expiry_date")
        return _unless_expired(
            expires / 1000 if expires else None, bool(google.get("refresh_token"))
        )
    return SignIn(bool(read(".gemini/gemini-credentials.json")))


def _opencode(read: Read) -> SignIn:
    # OpenCode 1.18.33: `opencode auth list` exits 0 either way.
    states = []
    for entry in _json(read(".local/share/opencode/auth.json")).values():
        if entry.get("type") == "oauth":
            expires = entry.get("expires")
            has_refresh = bool(entry.get("refresh"))
            if entry.get("access") or has_refresh:
                states.append(_unless_expired(expires / 1000 if expires else None, has_refresh))
        elif entry.get("key") or entry.get("token"):
            states.append(SignIn(True))
    return next((state for state in states if state.signed_in), NOT_SIGNED_IN)


def _copilot(read: Read) -> SignIn:
    # Copilot 1.0.102: the file begins with `//` lines.
    text = (read(".copilot/config.json") or b"").decode()
    tokens = _json(re.sub(r"(?m)^\s*//.*$", "", text).encode()).get("authTokens", {})
    return SignIn(any(entry.get("token") for entry in tokens.values()))


_RULES: dict[str, Callable[[Read], SignIn]] = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "opencode": _opencode,
    "copilot": _copilot,
}


def _unless_expired(expires: float | None, can_refresh: bool) -> SignIn:
    if expires is not None:
        datetime.fromtimestamp(expires, timezone.utc)  # Raises for what is no time.
    if expires is not None and expires <= time.time() and not can_refresh:
        return SignIn(False, expires)
    return SignIn(True, expires)


def _json(content: bytes | None) -> dict[str, Any]:
    value = json.loads(content) if content else {}
    return value if isinstance(value, dict) else {}


def _jwt_expiry(token: str) -> float | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    claims = _json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    return float(claims["exp"])


def _stored_anything(store: AuthStore, agent: Agent, profile: str, read: Read) -> bool:
    seeds = {path: seed.encode() for path, seed in agent.auth_files.items()}
    if any(read(path) not in (None, b"", seed) for path, seed in seeds.items()):
        return True
    root = store_path(str(store.root), agent.name, profile)
    return any(
        path not in seeds and read(path)
        for directory in agent.auth_dirs
        for path in store.files(root, directory)
    )
