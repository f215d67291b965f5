"""What a terminal has shown: as much of its output as a reconnecting client is sent.

terminado 0.18.1 keeps the last 1,000 reads of a terminal (64 KiB each at most) and sends them
all in one message, ``json.dumps(["stdout", text])``, whenever a client connects. A `Replay`
stands in the place of that buffer. It holds what came last, and where older output was let
go it begins between two sequences, at a line if one is near, in the modes that the terminal
was in there.
"""

from __future__ import annotations

import json
import re
from collections import deque
from copy import deepcopy

from .escapes import SEQUENCE, asking_nothing, open_at_end, outside
from .terminal_modes import TerminalModes

#: The bytes of JSON that `text` comes to, at most. An ESC is 6 of them, an emoji 12.
LARGEST = 256 * 1024

#: Of those, what the modes may take.
_FOR_MODES = 4096

#: Characters that are kept (a character is at least one byte of JSON), and how many more come
#: together before old ones are let go, so that those are looked at in large pieces.
_KEPT = LARGEST
_MORE = 64 * 1024

#: Output often comes in tiny pieces, which take far more memory than their characters.
_PIECES = 1024

#: Characters whose size is found out at once.
_BLOCK = 1024

#: How far a better place to begin is looked for.
_NEAR = 16 * 1024

#: A longer sequence (a picture, a clipboard) is not taken back into what is kept.
_LONGEST_SEQUENCE = 4096

#: What `last_lines` looks at, and what it takes from escape sequences: text that follows a
#: movement to another line is not a part of this one.
_TAIL = 64 * 1024
#: No terminal is wider: `CSI 999 C` ten thousand times made a line of 10 MB.
_WIDEST = 1000
_TO_ANOTHER_LINE = re.compile(r"\x1b(?:\[[\d;]*[ABEFHdfJ]|[DEM])")
#: Claude Code 2.1.331 writes no spaces, but moves to the next word's column.
_IN_THE_LINE = r"\x1b\[(?:[02]?K|\d{0,3}[CDG])"
_NO_MOVE = re.compile(rf"(?!{_IN_THE_LINE})(?:{SEQUENCE.pattern})")
_MOVE = re.compile(rf"({_IN_THE_LINE}|\r|\x08)")


class Replay:
    """The end of a terminal's output. In the place of `PtyWithClients.read_buffer`."""

    def __init__(self) -> None:
        self._pieces: deque[str] = deque()
        self._length = 0
        self._modes = TerminalModes()
        self._cut = False

    @classmethod
    def restore(cls, text: str) -> Replay:
        """Begin with what an earlier one gave as `text`, and perhaps output that followed."""
        replay = cls()
        replay.append(text)
        return replay

    def append(self, text: str) -> None:
        """Take in output; cheap."""
        self._pieces.append(text)
        self._length += len(text)
        if self._length > _KEPT + _MORE:
            self._let_go(self._length - _KEPT)
        elif len(self._pieces) > _PIECES:
            self._pieces = deque(["".join(self._pieces)])

    def copy(self) -> deque[str]:
        """Return `text` in the form of terminado's buffer."""
        text = self.text()
        return deque([text] if text else [])

    def text(self) -> str:
        """Return what a client is sent: at most `LARGEST` bytes of JSON.

        It asks the terminal nothing, and can be the beginning of a file to which further
        output is appended, see `restore`.
        """
        return asking_nothing(self._modes.text() + self._fitting())

    @property
    def cut(self) -> bool:
        """Whether some of the output is not in `text`: a redraw is then wanted."""
        self._fitting()
        return self._cut

    def mark_gap(self) -> None:
        """Say that output was missed here: what it may have left unfinished is closed."""
        text = "".join(self._pieces)
        text = text[: open_at_end(text)]
        modes = deepcopy(self._modes)
        modes.follow(text)
        self._keep(text + "\x1b[?2026l" if modes.in_update else text)
        self._cut = True

    def mark_redrawn(self) -> None:
        """Say that the whole screen was drawn anew, so that nothing is wanted any more."""
        self._cut = False

    def last_lines(self, count: int) -> list[str]:
        """Return the last lines that are not empty, as a reader would see them."""
        text = "".join(self._pieces)
        text = text[: open_at_end(text)]
        tail = _TO_ANOTHER_LINE.sub("\n", text[outside(text, max(len(text) - _TAIL, 0)) :])
        lines = [_overwritten(line).rstrip() for line in tail.split("\n")]
        return [line for line in lines if line.strip()][-count:] if count > 0 else []

    def _fitting(self) -> str:
        """Return what is kept, once it is small enough as JSON."""
        text = "".join(self._pieces)
        start = _first_that_fits(text)
        if start:
            self._keep(text)
            self._let_go(self._beginning(text, start))
            text = "".join(self._pieces)
        self._pieces = deque([text])
        return text

    def _beginning(self, text: str, start: int) -> int:
        """Return where to begin, from `start` on."""
        start = outside(text, start)
        modes = deepcopy(self._modes)
        modes.follow(text[:start])
        if modes.in_update:
            end = text.find("\x1b[?2026l", start)
            # An update that ends near the end is all that there is to see.
            if 0 <= end < start + (len(text) - start) // 2:
                return outside(text, end + 1)
        line = text.find("\n", start, start + _NEAR)
        return outside(text, line + 1) if line >= 0 else start

    def _let_go(self, count: int) -> None:
        """Let the first characters go; of a sequence that they end in, none."""
        gone = []
        while count > 0:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
            gone.append(piece[:count])
            self._length -= len(gone[-1])
            count -= len(piece)
        text = "".join(gone)
        whole = open_at_end(text)
        self._modes.follow(text[:whole])
        self._cut = True
        if whole < len(text):
            rest = _shortened(text[whole:])
            self._pieces.appendleft(rest)
            self._length += len(rest)

    def _keep(self, text: str) -> None:
        self._pieces = deque([text])
        self._length = len(text)


def _first_that_fits(text: str) -> int:
    """Return the first index from which on the text is small enough as JSON."""
    room = LARGEST - _FOR_MODES - len('["stdout", ""]')
    if len(text) * 12 <= room:
        return 0
    start = len(text)
    while start > 0:
        block = text[max(start - _BLOCK, 0) : start]
        room -= len(json.dumps(block)) - len('""')
        if room < 0:
            break
        start -= len(block)
    return start


def _shortened(unfinished: str) -> str:
    """Return an unfinished sequence, or a harmless one that what follows of it finishes."""
    if len(unfinished) <= _LONGEST_SEQUENCE:
        return unfinished
    # An OSC with a number that no terminal knows; a string that terminals skip.
    harmless = {"]": "\x1b]777777;", "[": "\x1b["}
    return harmless.get(unfinished[1], "\x1bX")


def _overwritten(line: str) -> str:
    """Return what is left of a line, in which a carriage return goes back to its beginning."""
    shown: list[str] = []
    column = 0
    for number, part in enumerate(_MOVE.split(_NO_MOVE.sub("", line))):
        is_move = number % 2 == 1  # Between the texts; one of those may begin with an ESC, too.
        if is_move and part.endswith("K"):
            del shown[0 if part.endswith("2K") else column :]
        elif is_move:
            column = _moved(column, part)
        else:
            printed = [c for c in part if c.isprintable() or c == "\t"]
            shown += " " * (column - len(shown))
            shown[column : column + len(printed)] = printed
            column += len(printed)
    return "".join(shown)


def _moved(column: int, move: str) -> int:
    """Return the column after a movement within a line."""
    if move == "\r":
        return 0
    count = int(move[2:-1] or 1) if move.startswith("\x1b") else 1
    if move.endswith("G"):
        return min(max(count - 1, 0), _WIDEST)
    return min(column + count, _WIDEST) if move.endswith("C") else max(column - count, 0)
