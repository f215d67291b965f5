"""Tables, as plain text and as HTML that is safe in a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from ..text.visible import NOTE, has_hidden
from .page_output import FAINT
from .shown_text import in_one_line, name_text

_CELL = "text-align:left;vertical-align:top"


@dataclass(frozen=True)
class Table:
    """Rows under a head; `none` is said instead of an empty one."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    none: str
    notes: list[str] = field(default_factory=list)


def _shown(table: Table) -> list[tuple[str, ...]]:
    return [tuple(map(name_text, row)) for row in table.rows]


def _notes(table: Table) -> list[str]:
    hidden = any(has_hidden(cell) for row in table.rows for cell in row)
    return [in_one_line(note, 1000) for note in table.notes] + ([NOTE] if hidden else [])


def table_text(table: Table) -> str:
    """Return a table for a console."""
    notes = _notes(table)
    if not table.rows:
        return "\n".join([table.none, *notes])
    rows = [tuple(name.upper() for name in table.head), *_shown(table)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *notes])


def table_html(table: Table) -> str:
    """Return a table for a page."""
    notes = "".join(f'<p style="margin:4px 0;{FAINT}">{escape(note)}</p>' for note in _notes(table))
    if not table.rows:
        return f"<p>{escape(table.none)}</p>{notes}"
    head = "".join(f'<th style="{_CELL}">{escape(name)}</th>' for name in table.head)
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in _shown(table)
    )
    style = "text-align:left;font-weight:bold"
    caption = f'<caption style="{style}">{escape(table.title)}</caption>' if table.title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{notes}"
