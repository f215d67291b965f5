"""Escape sequences in a terminal's output: where they end, and which ask for an answer.

As xterm.js and xterm take them: an ESC ends whatever sequence is open, so the last ESC before
a place tells whether that place lies inside one.
"""

from __future__ import annotations

import re

#: What a string (OSC, DCS, SOS, PM, APC) is ended by. A BEL ends an OSC only.
_STRING_END = r"(?:\x1b\\|\x9c|(?=[\x1b\x18\x1a]))"

#: One whole sequence.
SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"
    rf"|\][^\x07\x1b\x18\x1a\x9c]*(?:\x07|{_STRING_END})"
    rf"|[PX^_][^\x1b\x18\x1a\x9c]*{_STRING_END}"
    r"|[ -/]+[0-~]"
    r"|[0-OQ-WYZ\\`-~]"
    r")"
)

#: A sequence that is not whole yet, up to the end of the text.
_OPEN = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\x18\x1a\x9c]*|[PX^_][^\x1b\x18\x1a\x9c]*|[ -/]*)\Z"
)

#: What a terminal answers, as if the answer were typed (`?6n`, `c`, `>q`, `?u`, `$p`, colours,
#: termcap), and what it does to the desktop (the clipboard, notifications).
_ASKS_OR_ACTS = re.compile(
    r"\x1b\[(?:[>=]?0?c|[>]0?q|\??(?:5|6|15|25|26|53|55|56|75|85|996)n|\??[\d;]*\$p|\?u|>?[01]?x"
    r"|(?:1[1345689]|2[01])(?:;\d*)?t|[\d;]*\*y)"
    rf"|\x1b\](?:(?:4|5|1[0-9])(?:;\d+)*;\?|(?:9|52|99|777);)[^\x07\x1b\x18\x1a\x9c]*(?:\x07|{_STRING_END})"
    rf"|\x1bP[+$]q[^\x1b\x18\x1a\x9c]*{_STRING_END}"
    r"|\x1bZ"
)


def open_at_end(text: str) -> int:
    """Return where a sequence begins that is not whole at the end, or the text's length."""
    escape = text.rfind("\x1b")
    return escape if escape >= 0 and _OPEN.match(text, escape) else len(text)


def outside(text: str, index: int) -> int:
    """Return the first place from `index` on that lies in no sequence, or the text's length."""
    escape = text.rfind("\x1b", 0, index)
    if escape < 0:
        return index
    whole = SEQUENCE.match(text, escape)
    if whole is not None:
        return max(index, whole.end())
    return len(text) if _OPEN.match(text, escape) else index


def asking_nothing(text: str) -> str:
    """Return the text without what a terminal would answer, or hand on to the desktop.

    Such an answer would be typed into the agent, long after it asked.
    """
    return _ASKS_OR_ACTS.sub("", text)
