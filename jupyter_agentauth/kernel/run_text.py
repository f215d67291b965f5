"""A run as plain text: the twin of its HTML for consoles and for notebooks read elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..text.visible import NOTE
from . import run_facts
from .shown_text import name_text
from .transcript import Transcript, Used, transcript

if TYPE_CHECKING:
    from .run import Run


def run_text(run: Run, *, said: Transcript | None = None, name: str = "run") -> str:
    """Return a run, as far as it has come, without terminal escapes; see `run_html`."""
    paragraphs = [
        "\n".join(header_lines(run)),
        *_body(run, said or transcript(run.events), name),
        "\n".join(footer_lines(run, name)),
    ]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def header_lines(run: Run) -> list[str]:
    """Return what runs, and what the user should know of it."""
    told = " · ".join((run_facts.title(run), *run_facts.facts(run)))
    return [told, *run_facts.notes(run)]


def footer_lines(run: Run, name: str = "run") -> list[str]:
    """Return how it ended and what it changed."""
    problem = run_facts.problem(run)
    lines = [problem] if problem else []
    if not run.changes:
        return [*lines, "No file was changed."] if run.state == "done" else lines
    lines.append(f"{run_facts.files_line(run)}; the diff is in `{name}.diff`:")
    for change in run.changes[: run_facts.MOST_FILES]:
        added = "" if change.added is None else f" +{change.added}"
        removed = "" if change.removed is None else f" \N{MINUS SIGN}{change.removed}"
        lines.append(f"  {change.status:9} {name_text(change.path)}{added}{removed}")
    unlisted = len(run.changes) - run_facts.MOST_FILES
    if unlisted > 0:
        lines.append(f"  and {unlisted:,} more")
    return [*lines, NOTE] if run_facts.has_hidden_changes(run) else lines


def tool_line(tool: Used, goes_on: bool = False) -> str:
    """Return a tool call as a line; one that has not ended in a run that goes on looks so."""
    return f"[{tool.summary()}]{' …' if goes_on and not tool.ended else ''}"


def _body(run: Run, said: Transcript, name: str) -> Iterable[str]:
    missing, parts = said.shown()
    if sentence := run_facts.left_out(missing, name):
        yield sentence
    for part in parts:
        yield (tool_line(part, not run.ended) if isinstance(part, Used) else part.strip("\n"))
