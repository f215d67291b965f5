"""What a line of ``POST runs`` says of its run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..text.numbers import told_number
from .run_parts import Change, ToolCall

if TYPE_CHECKING:
    from .run import Run

USAGE = ("input_tokens", "output_tokens", "cached_tokens", "cost")


def take_line(run: Run, line: dict[str, Any]) -> None:
    """Have a run know what a line says; one of an unknown type says nothing to it."""
    take = _TAKE.get(str(line.get("type")))
    if take is not None:
        take(run, line)


def _started(run: Run, line: dict[str, Any]) -> None:
    run.id, run.container = str(line["id"]), str(line.get("container") or "")
    run.worktree = line.get("worktree") or run.worktree
    run.profile = line.get("profile") or run.profile
    run.share_auth = line.get("share_auth")
    run.warnings = list(line.get("warnings") or ())
    run.began = time.monotonic()
    run.state = "running"


def _text(run: Run, line: dict[str, Any]) -> None:
    run.pieces.append(str(line.get("text") or ""))


def _tool(run: Run, line: dict[str, Any]) -> None:
    identity = str(line.get("id"))
    call = next((call for call in reversed(run.tools) if call.id == identity), None)
    if call is None:
        call = ToolCall(identity, str(line.get("name")), line.get("input"))
        run.tools.append(call)
    elif line.get("input") is not None:
        call.input = line["input"]
    call.output = line.get("output") if line.get("output") is not None else call.output


def _usage(run: Run, line: dict[str, Any]) -> None:
    run.usage = {name: told_number(line.get(name)) for name in USAGE}


def _changes(run: Run, line: dict[str, Any]) -> None:
    names = ("path", "status", "added", "removed")
    run.changes = [Change(*(file.get(n) for n in names)) for file in line["files"]]
    run.diff = str(line.get("diff") or "")


def _done(run: Run, line: dict[str, Any]) -> None:
    run.exit_code, run.seconds = line.get("exit_code"), line.get("seconds")
    run.conversation = line.get("conversation")
    run.problem = line.get("problem")
    failed = run.exit_code != 0 or run.problem is not None
    run.state = "failed" if failed else "done"


def _error(run: Run, line: dict[str, Any]) -> None:
    run.problem, run.reason = line.get("message"), line.get("reason")
    run.seconds = line.get("seconds", run.seconds)
    run.state = "cancelled" if run.reason == "run_cancelled" else "failed"


_TAKE = {
    "started": _started,
    "text": _text,
    "tool": _tool,
    "usage": _usage,
    "changes": _changes,
    "done": _done,
    "error": _error,
}
