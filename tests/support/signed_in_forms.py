"""The forms in which each CLI keeps a sign-in, whole and broken, and what each is worth."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from form_values import BEFORE, LATER, NOW, Files, milliseconds
from gemini_forms import GEMINI, GEMINI_EXPIRED


@dataclass(frozen=True)
class Form:
    """What lies in the store.

    Parameters
    ----------
    agent, name : str
    signed_in : bool
        Whether a request comes of it that the provider accepts.
    files : callable
        From a credential to the texts by path below HOME.
    expired : bool
        Whether the provider refuses the credential, whatever the CLI does with it.
    """

    agent: str
    name: str
    signed_in: bool
    files: Callable[[str], Files]
    expired: bool = False


def _broken(path: str, whole: Callable[[str], str]) -> dict[str, Callable[[str], Files]]:
    """The ways in which any file can be none of its CLI's."""
    return {
        "an empty object": lambda key: {path: "{}"},
        "garbage": lambda key: {path: f"\x00\x01 {key}"},
        "truncated": lambda key: {path: whole(key)[:-2]},
    }


# Claude Code 2.1.331: written by `claude auth login`.


def _claude(key: str, **changes: Any) -> Files:
    tokens = {
        "accessToken": key,
        "refreshToken": "sk-ant-ort01-form",
        "expiresAt": milliseconds(LATER),
        "refreshTokenExpiresAt": milliseconds(LATER + 86400),
        "scopes": ["user:inference", "user:profile", "user:sessions:claude_code"],
        "subscriptionType": "max",
        **changes,
    }
    return {".claude/.credentials.json": json.dumps({"claudeAiOauth": tokens})}


def _console(key: str) -> Files:
    return {".claude/.claude.json": json.dumps({"primaryApiKey": key})}


#: What it leaves of tokens that cannot be refreshed any more.
_CLAUDE_BLANK = {"accessToken": "", "refreshToken": "", "expiresAt": 0}
_CLAUDE_BEFORE = {"expiresAt": milliseconds(BEFORE)}

_CLAUDE: tuple[tuple[str, bool, Callable[[str], Files]], ...] = (
    ("a Claude account", True, _claude),
    ("without a refresh token", True, lambda key: _claude(key, refreshToken=None)),
    ("a Console account's key", True, _console),
    (
        "a Console account's key beside blanked tokens",
        True,
        lambda key: {**_claude("", **_CLAUDE_BLANK), **_console(key)},
    ),
    ("a blanked token", False, lambda key: _claude(key, **_CLAUDE_BLANK)),
    ("a blanked key", False, lambda key: _console("")),
    (
        "tokens that may not ask a model",
        False,
        lambda key: _claude(key, scopes=["user:profile", "org:create_api_key"]),
    ),
)
_CLAUDE_EXPIRED: tuple[tuple[str, Callable[[str], Files]], ...] = (
    ("expired, without a refresh token", lambda k: _claude(k, **_CLAUDE_BEFORE, refreshToken="")),
    (
        "expired, and the refresh token, too",
        lambda k: _claude(k, **_CLAUDE_BEFORE, refreshTokenExpiresAt=milliseconds(BEFORE)),
    ),
)

# Codex 0.169.0: written by `codex login`, with `--with-api-key` or `--with-access-token`.


def _token(key: str, ends: float) -> str:
    """Make a JSON web token that ends in the credential, so that a header shows it."""
    account = {"chatgpt_account_id": "account", "chatgpt_plan_type": "pro"}
    claims = {"exp": int(ends), "email": "ada@example.test", "https://api.openai.com/auth": account}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts), key])


def _codex(**auth: Any) -> Files:
    return {".codex/auth.json": json.dumps(auth)}


def _codex_key(key: str, mode: str = "apikey") -> Files:
    return _codex(auth_mode=mode, OPENAI_API_KEY=key)


def chatgpt(key: str, ends: float = LATER, mode: str = "chatgpt", **changes: Any) -> Files:
    """Return Codex's file of a ChatGPT sign-in, with a refresh token."""
    tokens = {
        "id_token": _token("c2ln", ends),
        "access_token": _token(key, ends),
        "refresh_token": "refresh-form",
        "account_id": "account",
        **changes,
    }
    last = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW))
    return _codex(auth_mode=mode, OPENAI_API_KEY=None, tokens=tokens, last_refresh=last)


_CODEX: tuple[tuple[str, bool, Callable[[str], Files]], ...] = (
    ("an API key", True, _codex_key),
    ("an API key, as older ones wrote it", True, lambda key: _codex(OPENAI_API_KEY=key)),
    ("a ChatGPT account", True, chatgpt),
    ("without a refresh token", True, lambda key: chatgpt(key, refresh_token="")),
    (
        "a personal access token",
        True,
        lambda key: _codex(OPENAI_API_KEY=None, personal_access_token=f"at-{key}"),
    ),
    ("a blanked key", False, lambda key: _codex_key("")),
    ("a key where tokens count", False, lambda key: _codex_key(key, "chatgpt")),
    ("tokens where a key counts", False, lambda key: chatgpt(key, mode="apikey")),
    (
        "a blanked token",
        False,
        lambda key: chatgpt(key, access_token="", refresh_token="", id_token=""),
    ),
    ("a token without its id token", False, lambda key: chatgpt(key, id_token=None)),
)
_CODEX_EXPIRED: tuple[tuple[str, Callable[[str], Files]], ...] = (
    ("expired, without a refresh token", lambda key: chatgpt(key, BEFORE, refresh_token="")),
)

# OpenCode 1.18.33: written by `opencode auth login`.


def _opencode(**entries: Any) -> Files:
    return {".local/share/opencode/auth.json": json.dumps(entries)}


def _opencode_key(key: str) -> Files:
    return _opencode(anthropic={"type": "api", "key": key})


def _oauth(access: str, refresh: str, ends: float) -> dict[str, Any]:
    expires = milliseconds(ends)
    return {"type": "oauth", "access": access, "refresh": refresh, "expires": expires}


_OPENCODE: tuple[tuple[str, bool, Callable[[str], Files]], ...] = (
    ("an API key", True, _opencode_key),
    (
        "an API key among what is none",
        True,
        lambda key: _opencode(
            groq=7, mistral={"type": "api"}, anthropic={"type": "api", "key": key}
        ),
    ),
    ("a ChatGPT account", True, lambda key: _opencode(openai=_oauth(key, "refresh", LATER))),
    ("a GitHub account", True, lambda key: _opencode(**{"github-copilot": _oauth(key, key, 0)})),
    ("a blanked key", False, lambda key: _opencode_key("")),
    ("a blanked token", False, lambda key: _opencode(openai=_oauth("", "", LATER))),
    ("a key without its type", False, lambda key: _opencode(anthropic={"key": key})),
    (
        "an account that it cannot use",
        False,
        lambda key: _opencode(anthropic=_oauth(key, key, LATER)),
    ),
)
_OPENCODE_EXPIRED: tuple[tuple[str, Callable[[str], Files]], ...] = (
    (
        "expired, without a refresh token",
        lambda key: _opencode(openai=_oauth(key, "", BEFORE)),
    ),
)

# Copilot CLI 1.0.102: written by `copilot login`.


def _copilot(tokens: dict[str, object], last: str | None = "ada") -> Files:
    host = "https://github.com"
    stored: dict[str, object] = {"authTokens": {f"{host}:{k}": v for k, v in tokens.items()}}
    if last:
        stored["loggedInUsers"] = [{"host": host, "login": last}]
        stored["lastLoggedInUser"] = {"host": host, "login": last}
    return {".copilot/config.json": f"// Managed by the CLI.\n{json.dumps(stored)}"}


_COPILOT: tuple[tuple[str, bool, Callable[[str], Files]], ...] = (
    ("a GitHub account", True, lambda key: _copilot({"ada": {"token": key}})),
    ("a GitHub account, by kind", True, lambda key: _copilot({"ada:github": {"token": key}})),
    ("no last user", True, lambda key: _copilot({"ada": {"token": key}}, None)),
    ("a token of another user", False, lambda key: _copilot({"ada": {"token": key}}, "bob")),
    ("a blanked token", False, lambda key: _copilot({"ada": {"token": ""}})),
    ("no token", False, lambda key: _copilot({})),
)

_WHOLE: dict[str, tuple[str, Callable[[str], Files]]] = {
    "claude": (".claude/.credentials.json", _claude),
    "codex": (".codex/auth.json", _codex_key),
    "opencode": (".local/share/opencode/auth.json", _opencode_key),
    "copilot": (".copilot/config.json", lambda key: _copilot({"ada": {"token": key}})),
}


def _forms() -> list[Form]:
    tables = {
        "claude": (_CLAUDE, _CLAUDE_EXPIRED),
        "codex": (_CODEX, _CODEX_EXPIRED),
        "gemini": (GEMINI, GEMINI_EXPIRED),
        "opencode": (_OPENCODE, _OPENCODE_EXPIRED),
        "copilot": (_COPILOT, ()),
    }
    found = []
    for agent, (table, expired) in tables.items():
        found += [Form(agent, *row) for row in table]
        found += [Form(agent, name, False, files, expired=True) for name, files in expired]
    for agent, (path, files) in _WHOLE.items():
        broken = _broken(path, lambda key, path=path, files=files: files(key)[path])
        found += [Form(agent, name, False, make) for name, make in broken.items()]
    return found


FORMS = _forms()
