"""How the commands print: tables and JSON to stdout, sentences to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence


def fail(message: str) -> int:
    """Say why it could not be done; returns the exit code."""
    print(message, file=sys.stderr)
    return 1


def warn(warnings: Iterable[str]) -> None:
    """Say what the user should know."""
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print for programs."""
    print(json.dumps(value, indent=2))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows of one length in columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
