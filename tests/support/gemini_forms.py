"""The forms in which Gemini CLI 0.61.0 keeps a sign-in: plain files, and a sealed one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from form_values import BEFORE, LATER, NOW, SOON, Files, milliseconds


def sealed(services: object, host: str = "agentauth", user: str = "agent") -> str:
    """Encrypt as the CLI does in a container of that name, for that user."""
    names = f"{host}-{user}-gemini-cli".encode()
    secret = hashlib.scrypt(b"gemini-cli-oauth", salt=names, n=16384, r=8, p=1, dklen=32)
    nonce = os.urandom(12)
    text = AESGCM(secret).encrypt(nonce, json.dumps(services).encode(), None)
    return f"{nonce.hex()}:{text[-16:].hex()}:{text[:-16].hex()}"


def gemini_key(key: str, service: str = "gemini-cli-api-key") -> dict[str, dict[str, str]]:
    """What the encrypted file holds."""
    name = "default-api-key"
    entry = {"serverName": name, "token": {"accessToken": key, "tokenType": "ApiKey"}}
    return {service: {name: json.dumps({**entry, "updatedAt": milliseconds(NOW)})}}


def _gemini(selected: str | None, key_file: str | None = None, google: object = None) -> Files:
    auth = {"selectedType": selected} if selected else {}
    files = {".gemini/settings.json": json.dumps({"security": {"auth": auth}})}
    if key_file is not None:
        files[".gemini/gemini-credentials.json"] = key_file
    if google is not None:
        files[".gemini/oauth_creds.json"] = json.dumps(google)
    return files


def google_tokens(key: str, ends: float = LATER, refresh: str = "1//form") -> dict[str, Any]:
    """What `oauth_creds.json` holds."""
    tokens = {"access_token": f"ya29.{key}", "refresh_token": refresh, "token_type": "Bearer"}
    return {**tokens, "expiry_date": milliseconds(ends)}


def _commented(files: Files) -> Files:
    path = ".gemini/settings.json"
    return {**files, path: f"// mine\n{files[path][:-1]} /* all */ }}"}


KEY, GOOGLE = "gemini-api-key", "oauth-personal"
GEMINI: tuple[tuple[str, bool, Callable[[str], Files]], ...] = (
    ("an API key", True, lambda key: _gemini(KEY, sealed(gemini_key(key)))),
    (
        "settings with comments",
        True,
        lambda key: _commented(_gemini(KEY, sealed(gemini_key(key)))),
    ),
    ("a Google account", True, lambda key: _gemini(GOOGLE, None, google_tokens(key))),
    (
        "a Google account without a refresh token",
        True,
        lambda key: _gemini(GOOGLE, None, google_tokens(key, refresh="")),
    ),
    ("a key where an account counts", False, lambda key: _gemini(GOOGLE, sealed(gemini_key(key)))),
    ("an account where a key counts", False, lambda key: _gemini(KEY, None, google_tokens(key))),
    ("a key that nothing names", False, lambda key: _gemini(None, sealed(gemini_key(key)))),
    ("an account that nothing names", False, lambda key: _gemini(None, None, google_tokens(key))),
    (
        "sealed on another host",
        False,
        lambda key: _gemini(KEY, sealed(gemini_key(key), host="elsewhere")),
    ),
    ("an emptied store", False, lambda key: _gemini(KEY, sealed({}))),
    ("a blanked key", False, lambda key: _gemini(KEY, sealed(gemini_key("")))),
    ("truncated", False, lambda key: _gemini(KEY, sealed(gemini_key(key))[:-2])),
    ("an empty file", False, lambda key: _gemini(KEY, "")),
    (
        "blanked tokens",
        False,
        lambda key: _gemini(
            GOOGLE, None, {**google_tokens(key), "access_token": "", "refresh_token": ""}
        ),
    ),
    ("an empty object", False, lambda key: _gemini(GOOGLE, None, {})),
    (
        "about to expire, without a refresh token",
        False,
        lambda key: _gemini(GOOGLE, None, google_tokens(key, SOON, "")),
    ),
)
GEMINI_EXPIRED: tuple[tuple[str, Callable[[str], Files]], ...] = (
    (
        "expired, without a refresh token",
        lambda key: _gemini(GOOGLE, None, google_tokens(key, BEFORE, "")),
    ),
)
