"""Who is signed in, in words: the same for the commands and for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def signed_in_text(profiles: Iterable[Mapping[str, Any]]) -> str:
    """Return the profiles that are signed in; of some it can't be determined."""
    told = [
        f"{profile['name']}?" if profile["signed_in"] is None else str(profile["name"])
        for profile in profiles
        if profile["signed_in"] is not False
    ]
    return ", ".join(told) or "no"


def undetermined(profiles: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each profile of which it can't be determined."""
    return [str(profile["problem"]) for profile in profiles if profile["signed_in"] is None]
