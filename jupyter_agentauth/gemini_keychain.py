"""Gemini CLI's encrypted `gemini-credentials.json`, as far as it is needed to judge it.

0.61.0, `FileKeychain` of its bundle: three hexadecimal parts, ``IV:TAG:CIPHERTEXT``, of
AES-256-GCM; the key is derived from the host name and the user name, which are the same in
every container of ours. A file that was brought from elsewhere does not open here, and
the CLI ends with "Corrupted credentials file".
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import Any

from .launch_plan import HOSTNAME, USER
from .stored_values import as_object

_SEALED = re.compile(rb"([0-9a-f]{24}|[0-9a-f]{32}):([0-9a-f]{32}):([0-9a-f]*)")


def opened(sealed: bytes, service: str, account: str) -> dict[str, Any]:
    """Return what is kept for one account of one service; empty when there is nothing.

    Raises
    ------
    ValueError
        When the file is not of that form, or was sealed under other names.
    """
    # Only where such a file is looked at: it takes longer to import than all else here.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    parts = _SEALED.fullmatch(sealed)
    if parts is None:
        raise ValueError("not sealed by Gemini CLI")
    nonce, tag, text = (bytes.fromhex(part.decode()) for part in parts.groups())
    try:
        services = as_object(AESGCM(_key()).decrypt(nonce, text + tag, None))
    except InvalidTag:
        raise ValueError("sealed under another host's or user's name") from None
    entry = services.get(service, {}).get(account)
    return as_object(entry.encode()) if entry else {}


@cache
def _key() -> bytes:
    # Node's scryptSync with its own defaults.
    names = f"{HOSTNAME}-{USER}-gemini-cli".encode()
    return hashlib.scrypt(b"gemini-cli-oauth", salt=names, n=16384, r=8, p=1, dklen=32)
