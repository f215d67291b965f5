"""JSON that an agent wrote: parsed in linear time, bounded in depth and in the number of values.

Python's own parser takes time and memory by the value (49 MB of `[],` took 13 s and 1.2 GB), and
holds the interpreter's lock meanwhile; so what is counted here is values, not only characters.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: No CLI's file or event comes near these.
MOST_VALUES, DEEPEST = 50_000, 100

#: Comments are found more slowly than all else; in characters.
_LONGEST_WITH_COMMENTS = 250_000

#: More digits than any float's; Python refuses to read, or to write, 4,300.
_MOST_DIGITS = 308

# Each alternative, once begun, matches: one that fails at the text's end would be tried again at
# every place, which is quadratic.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
_STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING_OR_VALUE = re.compile(rf"{_STRING}|[,\[{{]", re.DOTALL)


class TooMuch(Exception):
    """A text is beyond the bounds; what it says can't be determined."""


def parse_json(text: str, comments: bool = False, exact: bool = False) -> Any:
    """Return what a JSON text says; numbers that no float can hold are ``None``.

    Parameters
    ----------
    comments : bool
        Whether it may have comments, as settings files have.
    exact : bool
        Whether numbers are as Python reads them, infinity and NaN too.

    Raises
    ------
    ValueError
        When it is no JSON.
    TooMuch
        With the reason, as the end of a sentence that begins with the file's name.
    """
    if comments:
        text = _without_comments(text)
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MOST_VALUES:
        _count(text)
    try:
        value = json.loads(text) if exact else _DECODER.decode(text)
    except RecursionError:
        raise _too_deep() from None
    if opened > DEEPEST and _is_deep(value):
        raise _too_deep()
    return value


def _without_comments(text: str) -> str:
    if len(text) > _LONGEST_WITH_COMMENTS:
        raise TooMuch(f"is longer than {_LONGEST_WITH_COMMENTS:,} characters")
    return _STRING_OR_COMMENT.sub(_string, text)


def _string(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith("/*") and (len(text) < 4 or not text.endswith("*/")):
        raise ValueError("a comment without an end")
    return text if text.startswith('"') else ""


def _count(text: str) -> None:
    for number, _ in enumerate(_STRING_OR_VALUE.finditer(text)):
        if number >= MOST_VALUES:
            raise TooMuch(f"holds more than {MOST_VALUES:,} values")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> TooMuch:
    return TooMuch(f"is nested more than {DEEPEST} levels deep")


def _none(word: str) -> None:
    """Take NaN and Infinity, which Python writes and JSON does not have, for null."""


def _float(word: str) -> float | None:
    number = float(word)
    return number if math.isfinite(number) else None


def _int(word: str) -> int | None:
    return int(word) if len(word) <= _MOST_DIGITS else None


_DECODER = json.JSONDecoder(parse_constant=_none, parse_float=_float, parse_int=_int)
