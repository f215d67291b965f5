"""What is told of a run beside what its agent says: the same facts for the page and a console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..text.visible import has_hidden
from .shown_text import in_one_line, name_text
from .titles import agent_title, worktree_name

if TYPE_CHECKING:
    from .run import Run
    from .transcript import Missing

SHARED = "Agent credentials are shared across containers."

#: The files that are listed, and the characters of the diff that are shown.
MOST_FILES, MOST_DIFF = 100, 60_000

_STATES = {
    "starting": "starting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "interrupted",
}


def title(run: Run) -> str:
    """Return the agent and the worktree: "Codex · fix-typo"."""
    parts = (agent_title(run.agent), worktree_name(run.worktree))
    return name_text(" · ".join(part for part in parts if part), 200)


def facts(run: Run) -> list[str]:
    """Return state, time, tokens and cost, as far as they are known."""
    seconds = run.elapsed
    state = state_name(run)
    told = [state if seconds is None else f"{state}, {duration(seconds)}"]
    usage: Mapping[str, Any] = run.usage or {}
    tokens = [
        f"{usage[key]:,} {what}"
        for key, what in (("input_tokens", "in"), ("output_tokens", "out"))
        if usage.get(key) is not None
    ]
    if tokens:
        told.append(f"tokens {', '.join(tokens)}")
    if usage.get("cost") is not None:
        told.append(f"${usage['cost']:.4f}")
    return told


def notes(run: Run) -> list[str]:
    """Return what the user should know of how it runs."""
    shared = [SHARED] if run.share_auth else []
    return [*shared, *(in_one_line(warning, 1000) for warning in run.warnings or ())]


def problem(run: Run) -> str | None:
    """Return the sentence that says how it failed; that it was interrupted, `facts` say."""
    return in_one_line(run.problem, 1000) if run.problem and run.state != "cancelled" else None


def left_out(missing: Missing, name: str, which: str = "first") -> str:
    """Say where the beginning, or the end, of a long run is; nothing when all of it is shown."""
    parts = []
    if missing.characters:
        parts.append((f"{missing.characters:,} characters", f"`{name}.text`"))
    if missing.tools:
        parts.append((f"{missing.tools:,} tool calls", f"`{name}.tools`"))
    if not parts:
        return ""
    what, where = (" and ".join(words) for words in zip(*parts, strict=True))
    return f"The {which} {what} are left out here: {where} {'have' if parts[1:] else 'has'} all."


def files_line(run: Run) -> str:
    """Say how much changed."""
    added = sum(change.added or 0 for change in run.changes)
    removed = sum(change.removed or 0 for change in run.changes)
    count = len(run.changes)
    return f"{count} file{'' if count == 1 else 's'} changed, +{added} \N{MINUS SIGN}{removed}"


def has_hidden_changes(run: Run) -> bool:
    """Tell whether a shown name or the shown diff holds what `visible` shows otherwise."""
    return has_hidden(run.diff[:MOST_DIFF], lines=True) or any(
        has_hidden(change.path) for change in run.changes[:MOST_FILES]
    )


def state_name(run: Run) -> str:
    """Return what its state is called."""
    return "timed out" if run.reason == "run_timeout" else _STATES[run.state]


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
