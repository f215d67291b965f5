"""What an agent, or anybody but us, wrote, as an output may show and a notebook may keep it.

A console obeys escape sequences, and a page shows text in another order than it is written where
directional marks say so. Neither is the agent's to use in an output, and a key that it repeats
is not to be saved with the notebook. `Run.text` is what it said, to the letter.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ..escapes import SEQUENCE
from ..redaction import redacted

#: Controls but for tab and newline, and the marks that turn the direction of what follows.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def shown_text(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return a text without escapes, controls, directional marks, and what looks like a key.

    Parameters
    ----------
    environment : mapping, optional
        Variables whose secret values are hidden, too; this process's own if absent.
    """
    known = os.environ if environment is None else environment
    without = SEQUENCE.sub("", text.replace("\r\n", "\n"))
    # JSON can hold half a character, which no message and no file can.
    whole = without.encode("utf-8", "replace").decode()
    return redacted(_UNSEEN.sub("", whole), known)


def in_one_line(text: str, longest: int = 200) -> str:
    """Return a text as one line of a bounded length."""
    line = " ".join(shown_text(text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
