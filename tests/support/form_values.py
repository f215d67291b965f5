"""What the forms of a stored sign-in have in common: moments, and how they are written."""

from __future__ import annotations

import time
from collections.abc import Mapping

#: Texts by path below HOME.
Files = Mapping[str, str]

NOW = time.time()
LATER, SOON, BEFORE = NOW + 7200, NOW + 120, NOW - 7200


def milliseconds(moment: float) -> int:
    """Return seconds as most CLIs write them."""
    return int(moment * 1000)
