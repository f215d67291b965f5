"""The JSON form of runs, in which they are saved; what made it is named by its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .errors import AgentError
from .outcomes import Applied, Discarded
from .run_parts import Change, Check, ToolCall

if TYPE_CHECKING:
    from .run import Run

#: Raised when a later form cannot be read by this code.
VERSION = 1

_PLAIN = (
    "agent", "prompt", "name", "worktree", "branch", "profile", "share_auth", "id", "container",
    "state", "usage", "diff", "exit_code", "seconds", "conversation", "problem", "reason",
    "warnings",
)  # fmt: skip


def run_to_json(run: Run) -> dict[str, Any]:
    """Return all of a run but its events, in JSON's types."""
    whole = {"check": run.check, "applied": run.applied, "discarded": run.discarded}
    return {
        "version": VERSION,
        **{name: getattr(run, name) for name in _PLAIN},
        "usage": dict(run.usage),
        "warnings": list(run.warnings),
        "text": run.text,
        "tools": [asdict(tool) for tool in run.tools],
        "changes": [asdict(change) for change in run.changes],
        **{name: None if value is None else asdict(value) for name, value in whole.items()},
    }


def fill_from_json(run: Run, value: Mapping[str, Any]) -> None:
    """Have a new run be as the one that was saved."""
    for name in _PLAIN:
        setattr(run, name, value[name])
    run.usage, run.warnings = dict(value["usage"]), list(value["warnings"])
    tools = [ToolCall(**tool) for tool in value["tools"]]
    # What its display reads, and `text` and `tools` are made of.
    run.events = [{"type": "text", "text": value["text"]}]
    run.events += [{"type": "tool", **asdict(tool)} for tool in tools]
    run.pieces, run.tools = [value["text"]], tools
    run.changes = [Change(**change) for change in value["changes"]]
    run.check = Check(**value["check"]) if value["check"] else None
    run.applied = Applied.from_json(value["applied"]) if value["applied"] else None
    run.discarded = Discarded.from_json(value["discarded"]) if value["discarded"] else None


def check_version(value: Mapping[str, Any], what: str) -> None:
    """Refuse what this code did not make.

    Raises
    ------
    AgentError
        With reason ``bad_json``.
    """
    found = value.get("version") if isinstance(value, Mapping) else None
    if found != VERSION:
        raise AgentError(
            f"This is no {what} in the form of version {VERSION}: save it with to_json().",
            "bad_json",
        )
