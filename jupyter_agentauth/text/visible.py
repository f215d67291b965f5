"""Characters that nobody sees, or that change what is read, shown by their numbers.

A name or a diff that holds a directional override, a zero-width space, a tag character or an
escape does not say what it seems to say. They are not removed: what is there is shown.
`labextension/src/text/visible.ts` has the same rule for the page.
"""

from __future__ import annotations

import re

#: Said beside what was changed by `visible`.
NOTE = (
    "Invisible characters, and those that change the direction of text or move the cursor, are "
    "shown by their numbers, as [U+202E]."
)

#: Formats, fillers, variation selectors, annotations and tags (Unicode 16: Default_Ignorable, the
#: line and paragraph separators), and half characters, which no file and no message can hold.
_UNSEEN = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff"
)

#: What joins two pictures, or makes one of a character, is seen; anywhere else it is not.
_PICTURE = r"\u2190-\u2bff\u3030-\u3299\U0001f000-\U0001faff"
_ALONE = (
    rf"(?<![{_PICTURE}\ufe0f])\u200d"
    rf"|(?<![{_PICTURE}\u00a9\u00ae\u203c\u2049\u2122\u2139#*0-9])\ufe0f"
)

_IN_A_NAME = re.compile(rf"[\x00-\x1f\x7f-\x9f{_UNSEEN}]|{_ALONE}")
_IN_LINES = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_UNSEEN}]|\r(?!\n)|{_ALONE}")


def visible(text: str, lines: bool = False) -> str:
    """Return a text in which such characters are shown as ``[U+202E]``.

    Parameters
    ----------
    lines : bool
        Whether it has lines and columns, as a diff has: tabs and ends of lines stay.
    """
    return _pattern(lines).sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def has_hidden(text: str, lines: bool = False) -> bool:
    """Tell whether `visible` shows it otherwise than it is."""
    return _pattern(lines).search(text) is not None


def _pattern(lines: bool) -> re.Pattern[str]:
    return _IN_LINES if lines else _IN_A_NAME
