"""How the commands print: tables and JSON to stdout, sentences to stderr."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterable, Sequence

from .text.visible import NOTE, has_hidden, visible


def fail(message: str) -> int:
    """Say why it could not be done; returns the exit code."""
    print(visible(message), file=sys.stderr)
    return 1


def warn(warnings: Iterable[str]) -> None:
    """Say what the user should know."""
    for warning in warnings:
        print(f"warning: {visible(warning)}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print for programs."""
    print(json.dumps(value, indent=2))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of one length in columns."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    if any(has_hidden(cell) for row in rows for cell in row):
        warn([NOTE])


def shell_word(word: str) -> str:
    """Return a word as a shell takes it, in characters that a terminal only prints."""
    if word.isprintable():
        return shlex.quote(word)
    # Bash, zsh and ksh: `$'…'` with the bytes by their numbers.
    escaped = "".join(c if c.isprintable() and c not in "\\'" else _bytes(c) for c in word)
    return f"$'{escaped}'"


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))
