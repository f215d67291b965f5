"""The forms in which each CLI keeps a sign-in, and what each is worth.

Each rule is held against the real CLI: `tests/agents/test_signed_in.py` places the forms, whole and
broken, and sees whether a request comes that the provider accepts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .gemini_keychain import opened
from .stored_values import as_object, as_text, as_time, token_claims, token_expiry


@dataclass(frozen=True)
class SignIn:
    """One profile's state.

    Parameters
    ----------
    signed_in : bool or None
        ``None`` where it can't be determined; ``problem`` is then a sentence.
    expires : float or None
        In seconds since the epoch.
    """

    signed_in: bool | None
    expires: float | None = None
    problem: str | None = None

    def to_json(self, profile: str) -> dict[str, object]:
        """Return the contract's form."""
        expires = (
            datetime.fromtimestamp(self.expires, timezone.utc).isoformat()
            if self.expires is not None
            else None
        )
        return {
            "name": profile,
            "signed_in": self.signed_in,
            "expires": expires,
            "problem": self.problem,
        }


NOT_SIGNED_IN = SignIn(False)

#: What a rule raises over a file that is missing or not of the form that the CLI writes.
NOT_THE_FORM = (AttributeError, KeyError, TypeError, ValueError)

_NEVER = float("inf")

#: Reads a file below HOME of one agent and profile; ``None`` when it is missing. A `StoreError`
#: where it can't be read.
Read = Callable[[str], "bytes | None"]

#: From the files and the agent's own variables to its state; may raise `NOT_THE_FORM`.
Rule = Callable[[Read, Mapping[str, "str | None"]], SignIn]


def _claude(read: Read, env: Mapping[str, str | None]) -> SignIn:
    with suppress(*NOT_THE_FORM):
        tokens = as_object(read(".claude/.credentials.json"))["claudeAiOauth"]
        # Claude Code 2.1.331: a dead refresh token leaves `accessToken: ""` behind. Tokens
        # that may not ask a model are not sent; a Console account's only make the key below.
        if as_text(tokens["accessToken"]) and "user:inference" in tokens["scopes"]:
            ends = as_time(tokens.get("refreshTokenExpiresAt"), 1000)
            alive = bool(as_text(tokens.get("refreshToken"))) and (ends or _NEVER) > time.time()
            return _unless_expired(as_time(tokens.get("expiresAt"), 1000), alive)
    # The key of a Console account; it is sent where there are no such tokens.
    return SignIn(bool(as_text(as_object(read(".claude/.claude.json"))["primaryApiKey"])))


def _codex(read: Read, env: Mapping[str, str | None]) -> SignIn:
    # Codex 0.169.0: which of several counts stands in `auth_mode`, if it was written.
    auth = as_object(read(".codex/auth.json"))
    mode = auth.get("auth_mode") or next(
        (mode for field, mode in _CODEX_MODES.items() if auth.get(field) is not None), "chatgpt"
    )
    if mode in ("chatgpt", "chatgptAuthTokens"):
        return _codex_tokens(auth)
    if mode == "agentIdentity":  # Read, not run: its token is checked with the provider's keys.
        token = as_text(auth["agent_identity"])
        return _unless_expired(token_expiry(token), False) if token else NOT_SIGNED_IN
    if mode == "bedrockApiKey":  # Accepted by `codex login status`; no request was seen.
        return SignIn(bool(as_text(auth["bedrock_api_key"]["api_key"])))
    field = next((field for field, its in _CODEX_MODES.items() if its == mode), "")
    return SignIn(bool(field and as_text(auth.get(field))))


#: Field by field, the first that is there: what counts without an `auth_mode`.
_CODEX_MODES = {"personal_access_token": "personalAccessToken", "OPENAI_API_KEY": "apikey"}


def _codex_tokens(auth: dict[str, Any]) -> SignIn:
    tokens = auth["tokens"]
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    token_claims(tokens["id_token"])  # Codex refuses the file without it.
    if not as_text(access):
        return NOT_SIGNED_IN
    if not auth.get("last_refresh") and not as_text(refresh):
        return NOT_SIGNED_IN  # It refreshes first.
    return _unless_expired(token_expiry(access), bool(as_text(refresh)))


def _gemini(read: Read, env: Mapping[str, str | None]) -> SignIn:
    # Gemini CLI 0.61.0 uses nothing but what `selectedType` names. `/auth signout` takes
    # that name away and leaves a key where it is.
    settings = as_object(read(".gemini/settings.json"), comments=True)
    selected = settings["security"]["auth"]["selectedType"]
    if selected == "gemini-api-key":
        key = _gemini_kept(read, "gemini-cli-api-key", "default-api-key")
        return SignIn(bool(as_text(key["accessToken"])))
    if selected not in ("oauth-personal", "compute-default-credentials"):
        return NOT_SIGNED_IN
    if env.get("GEMINI_FORCE_ENCRYPTED_FILE_STORAGE") == "true":
        kept = _gemini_kept(read, "gemini-cli-oauth", "main-account")
        state = _google(kept.get("accessToken"), kept.get("refreshToken"), kept.get("expiresAt"))
        if state.signed_in:
            return state  # Else it takes over the plain file.
    tokens = as_object(read(".gemini/oauth_creds.json"))
    return _google(
        tokens.get("access_token"), tokens.get("refresh_token"), tokens.get("expiry_date")
    )


def _gemini_kept(read: Read, service: str, account: str) -> dict[str, Any]:
    sealed = read(".gemini/gemini-credentials.json")
    token = opened(sealed, service, account).get("token") if sealed is not None else {}
    return token if isinstance(token, dict) else {}


def _google(access: object, refresh: object, expires: object) -> SignIn:
    if not (as_text(access) or as_text(refresh)):
        return NOT_SIGNED_IN
    # Its library wants a new token five minutes before the old one ends.
    return _unless_expired(as_time(expires, 1000), bool(as_text(refresh)), margin=300)


def _opencode(read: Read, env: Mapping[str, str | None]) -> SignIn:
    # OpenCode 1.18.33: `opencode auth list` exits 0 either way. An entry that is not of its
    # form is passed over, the others count.
    states = []
    for provider, entry in as_object(read(".local/share/opencode/auth.json")).items():
        with suppress(*NOT_THE_FORM):
            states.append(_opencode_entry(provider, entry))
    # Of several the one that ends first: it is what a launch may have to refresh.
    alive = [state for state in states if state.signed_in]
    return min(alive, key=lambda state: state.expires or _NEVER, default=NOT_SIGNED_IN)


#: Of these, OpenCode 1.18.33 can use an OAuth sign-in; another's is never sent.
_OPENCODE_OAUTH = ("github-copilot", "gitlab", "openai", "poe", "snowflake-cortex", "xai")


def _opencode_entry(provider: str, entry: dict[str, Any]) -> SignIn:
    kind = entry["type"]
    if kind == "oauth":
        access, refresh, expires = entry["access"], entry["refresh"], entry["expires"]
        if provider not in _OPENCODE_OAUTH or not (as_text(access) or as_text(refresh)):
            return NOT_SIGNED_IN
        # Without an end, as GitHub's, it is 0.
        return _unless_expired(as_time(expires or None, 1000), bool(as_text(refresh)))
    if kind == "wellknown":
        return SignIn(bool(as_text(entry["key"]) and as_text(entry["token"])))
    metadata = entry.get("metadata", {}).values()
    whole = kind == "api" and all(isinstance(value, str) for value in metadata)
    return SignIn(whole and bool(as_text(entry["key"])))


def _copilot(read: Read, env: Mapping[str, str | None]) -> SignIn:
    # Copilot CLI 1.0.102: `authTokens` by `HOST:LOGIN`, or `HOST:LOGIN:github`.
    stored = as_object(read(".copilot/config.json"), comments=True)
    user = stored.get("lastLoggedInUser")
    mine = f"{user['host']}:{user['login']}" if isinstance(user, dict) else ""
    return SignIn(
        any(
            isinstance(entry, dict) and as_text(entry.get("token"))
            for name, entry in stored["authTokens"].items()
            if not mine or name == mine or name.startswith(f"{mine}:")
        )
    )


RULES: Mapping[str, Rule] = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "opencode": _opencode,
    "copilot": _copilot,
}


def _unless_expired(expires: float | None, can_refresh: bool, margin: float = 0) -> SignIn:
    if expires is not None and expires - margin <= time.time() and not can_refresh:
        return SignIn(False, expires)
    return SignIn(True, expires)
