"""Numbers that an agent told: those that every reader of JSON has as they are."""

from __future__ import annotations

#: Beyond it JavaScript rounds, and formats overflow.
_LARGEST = 2**53


def told_number(value: object) -> int | float | None:
    """Return a number; ``None`` for anything else, for infinity, NaN and what is far too large."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if -_LARGEST <= value <= _LARGEST else None
