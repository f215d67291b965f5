"""A run as static HTML: safe in a page, readable in a notebook of somebody who lacks this package.

What the agent says is hostile: it is Markdown without HTML, and all else is escaped. There is no
script, and no style but of the elements themselves, in JupyterLab's variables with a colour
beside each for pages that have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from ..text.visible import NOTE
from . import run_facts
from .markdown import markdown_html
from .page_output import FAINT, NO_MATH
from .shown_text import name_text, shown_diff
from .transcript import Transcript, Used, transcript

if TYPE_CHECKING:
    from .run import Run

#: So much more is looked at than is shown, or a key that is cut would be shown in part.
MARGIN = 4096

_CODE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;margin:4px 0;"
    "padding:4px 8px;background:var(--jp-layout-color2,rgba(127,127,127,.12))"
)
_ADDED = "color:var(--jp-success-color0,#1b7f3b)"
_REMOVED = "color:var(--jp-error-color0,#b3261e)"
_LINE = "border-left:3px solid var(--jp-border-color2,#bbb);padding-left:10px"

_CLASSES = f"jp-AgentAuthRun {NO_MATH}"


def run_html(run: Run, *, said: Transcript | None = None, name: str = "run") -> str:
    """Return a run, as far as it has come, as HTML.

    Parameters
    ----------
    said : Transcript, optional
        Of this run, where the caller keeps one while it grows.
    name : str
        The variable that holds the run, for the sentence that says where the rest is.
    """
    parts = [
        _header(run),
        *(_paragraph(note, FAINT) for note in run_facts.notes(run)),
        *_body(run, said or transcript(run.events), name),
        *_problem(run),
        *_changes(run, name),
    ]
    return f'<div class="{_CLASSES}" style="{_LINE}">{"".join(parts)}</div>'


def _header(run: Run) -> str:
    told = " · ".join(run_facts.facts(run))
    return (
        f"<div><strong>{escape(run_facts.title(run))}</strong> "
        f'<span style="{FAINT}">{escape(told)}</span></div>'
    )


def _body(run: Run, said: Transcript, name: str) -> Iterable[str]:
    missing, parts = said.shown()
    if sentence := run_facts.left_out(missing, name):
        yield _paragraph(sentence, FAINT)
    for part in parts:
        yield _tool(part, not run.ended) if isinstance(part, Used) else _markdown(part)


def _markdown(text: str) -> str:
    try:
        return markdown_html(text)
    except Exception:  # A text on which the parser fails is shown all the same.
        return _code(text)


def _tool(tool: Used, goes_on: bool) -> str:
    told, answered = tool.details()
    state = " …" if goes_on and not tool.ended else ""
    inside = "".join(_code(text) for text in (told, answered) if text)
    return (
        f'<details style="margin:4px 0"><summary style="cursor:pointer;{FAINT}">'
        f"<code>{escape(tool.summary())}</code>{state}</summary>{inside}</details>"
    )


def _problem(run: Run) -> Iterable[str]:
    problem = run_facts.problem(run)
    if problem:
        yield f'<p role="alert" style="{_REMOVED}"><strong>{escape(problem)}</strong></p>'


def _changes(run: Run, name: str) -> Iterable[str]:
    if not run.changes:
        if run.state == "done":
            yield _paragraph("No file was changed.", FAINT)
        return
    rows = "".join(
        f'<tr><td style="text-align:left"><code>{escape(name_text(change.path))}</code></td>'
        f"<td>{escape(change.status)}</td>"
        f'<td style="{_ADDED}">{_count("+", change.added)}</td>'
        f'<td style="{_REMOVED}">{_count(chr(0x2212), change.removed)}</td></tr>'
        for change in run.changes[: run_facts.MOST_FILES]
    )
    yield f'<div style="margin-top:8px"><strong>{escape(run_facts.files_line(run))}</strong></div>'
    yield f'<table style="margin:4px 0">{rows}</table>'
    unlisted = len(run.changes) - run_facts.MOST_FILES
    if unlisted > 0:
        yield _paragraph(f"{unlisted:,} more files are in `{name}.changes`.", FAINT)
    if run_facts.has_hidden_changes(run):
        yield _paragraph(NOTE, _REMOVED)
    if run.diff:
        yield _diff(run.diff, name)


def _diff(diff: str, name: str) -> str:
    shown = shown_diff(diff[: run_facts.MOST_DIFF + MARGIN])[: run_facts.MOST_DIFF]
    # Neighbours of one colour together: lines can be short, and many.
    parts = ("\n".join(lines) for _, lines in groupby(shown.split("\n"), _diff_style))
    coloured = "\n".join(_coloured(part) for part in parts)
    rest = len(diff) - run_facts.MOST_DIFF
    more = f"{rest:,} more characters are in `{name}.diff`." if rest > 0 else ""
    return (
        '<details style="margin:4px 0"><summary style="cursor:pointer">Diff</summary>'
        f'<pre style="{_CODE}">{coloured}</pre>{_paragraph(more, FAINT) if more else ""}</details>'
    )


def _diff_style(line: str) -> str:
    return {"+": _ADDED, "-": _REMOVED, "@": FAINT}.get(line[:1], "")


def _coloured(lines: str) -> str:
    style = _diff_style(lines)
    return f'<span style="{style}">{escape(lines)}</span>' if style else escape(lines)


def _count(sign: str, lines: int | None) -> str:
    return "" if lines is None else f"{sign}{lines}"


def _code(text: str) -> str:
    return f'<pre style="{_CODE}">{escape(text)}</pre>'


def _paragraph(text: str, style: str) -> str:
    return f'<p style="margin:4px 0;{style}">{escape(text)}</p>'
