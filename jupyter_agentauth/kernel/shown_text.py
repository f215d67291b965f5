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
from ..text.visible import visible

#: But for tab and newline.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def shown_text(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return what an agent said, or a tool printed: without escapes and what looks like a key.

    Colours and a progress bar's carriage returns are left out; see `visible` for all else.

    Parameters
    ----------
    environment : mapping, optional
        Variables whose secret values are hidden, too; this process's own if absent.
    """
    known = os.environ if environment is None else environment
    without = _CONTROLS.sub("", SEQUENCE.sub("", text.replace("\r\n", "\n")))
    return redacted(visible(without, lines=True), known)


def shown_diff(text: str) -> str:
    """Return a diff with all that is in it, but for what looks like a key."""
    return redacted(visible(text, lines=True), os.environ)


def name_text(name: str, longest: int = 300) -> str:
    """Return a path, a branch or a title in one line, with all that is in it."""
    return in_one_line(visible(name), longest)


def in_one_line(text: str, longest: int = 200) -> str:
    """Return a sentence as one line of a bounded length."""
    line = " ".join(shown_text(text[: 4 * longest]).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
