"""Values out of files that programs in containers wrote: nothing about them is certain."""

from __future__ import annotations

import base64
from datetime import datetime, timezone
from typing import Any

from .text.bounded_json import TooMuch, parse_json


def as_object(content: bytes | None, comments: bool = False) -> dict[str, Any]:
    """Return what a JSON file holds.

    Parameters
    ----------
    comments : bool
        Whether it may have comments, as settings files have.

    Raises
    ------
    ValueError
        When it is missing, broken, or no object.
    TooMuch
        When it is beyond what a CLI writes.
    """
    # Decoded before it is parsed: the CLIs take no byte-order mark, either.
    value = parse_json((content or b"").decode(), comments)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def as_text(value: object) -> str:
    """Return a string; an empty one for whatever else there is."""
    return value if isinstance(value, str) else ""


def as_time(value: object, units: int) -> float | None:
    """Return seconds since the epoch; ``None`` for what is no time.

    Parameters
    ----------
    units : int
        Of the value, in a second.
    """
    if not isinstance(value, (int, float)):
        return None
    try:
        seconds = float(value) / units
        datetime.fromtimestamp(seconds, timezone.utc)
    except (OSError, OverflowError, ValueError):
        return None
    return seconds


def token_claims(token: object) -> dict[str, Any]:
    """Return the claims of a JSON web token, whose signature is not checked.

    Raises
    ------
    ValueError
        When it is none.
    """
    parts = as_text(token).split(".", 3)
    if len(parts) != 3:
        raise ValueError("no JSON web token")
    return as_object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))


def token_expiry(token: str) -> float | None:
    """Return when a token ends; ``None`` for one that does not say so."""
    try:
        return as_time(token_claims(token).get("exp"), 1)
    except (ValueError, TooMuch):
        return None
