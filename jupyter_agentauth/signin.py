"""Signed in or not, told from the files that each CLI keeps; no container is started.

A blanked token, garbage, an empty object, or an expired token without a refresh token is
"not signed in". That a token is accepted only a request can tell.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .agents import Agent
from .authstore import AuthStore
from .split import CONFIG, CREDENTIALS, can_be_split, settings_of_sign_in, stored_path
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


def sign_in(store: AuthStore, agent: Agent, profile: str, scope: str = CONFIG) -> SignIn:
    """Tell whether an agent is signed in under a profile, for sessions that start now.

    For an agent of the user's own, whose files we do not know: whether it keeps any file
    in its auth directories that is not just its seed.

    Parameters
    ----------
    scope : str
        ``share_scope``. A sign-in of the other scope counts, too, since the next session
        takes it over; see `handover`.
    """
    if scope == CREDENTIALS and not can_be_split(agent):
        return NOT_SIGNED_IN
    state = sign_in_of_scope(store, agent, profile, scope)
    if state.signed_in or not can_be_split(agent):
        return state
    other = sign_in_of_scope(store, agent, profile, CONFIG if scope == CREDENTIALS else CREDENTIALS)
    return other if other.signed_in else state


def sign_in_of_scope(store: AuthStore, agent: Agent, profile: str, scope: str) -> SignIn:
    """Tell whether an agent is signed in where one ``share_scope`` keeps its credentials."""
    root = store_path(str(store.root), agent.name, profile)
    settings = stored_settings(store, agent, profile) if scope == CREDENTIALS else {}

    def read(path: str) -> bytes | None:
        if path in settings:
            return settings[path].encode()
        return store.read(f"{root}/{stored_path(agent, path, scope)}")

    rule = _RULES.get(agent.name)
    try:
        if rule is None and scope == CREDENTIALS:
            return SignIn(any(read(file) for file in agent.credential_files))
        return rule(read) if rule else SignIn(_stored_anything(store, agent, profile, read))
    except _NOT_THE_FORM:
        return NOT_SIGNED_IN  # Not the form that the CLI writes.


def stored_settings(
    store: AuthStore, agent: Agent, profile: str, scope: str = CREDENTIALS
) -> Mapping[str, str]:
    """Return the settings files that the stored sign-in needs in a home without any."""
    root = store_path(str(store.root), agent.name, profile)
    return settings_of_sign_in(
        agent, lambda file: store.written(f"{root}/{stored_path(agent, file, scope)}")
    )


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
