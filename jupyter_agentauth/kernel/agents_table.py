"""``%agents``: agents with their sign-ins, sessions and worktrees, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ..text.sign_ins import signed_in_text, undetermined
from .page_output import FAINT, NO_MATH
from .run_facts import SHARED
from .table import Table, table_html, table_text
from .titles import agent_title, worktree_name


@dataclass(frozen=True)
class AgentsTable:
    """What there is, as the server told it; shows itself."""

    agents: Sequence[Mapping[str, Any]]
    sessions: Sequence[Mapping[str, Any]]
    worktrees: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}

    def text(self) -> str:
        """Return it for a console."""
        parts = [*(table_text(table) for table in self._tables()), *self._sharing()]
        return "\n\n".join(parts)

    def html(self) -> str:
        """Return it for a page."""
        parts = [table_html(table) for table in self._tables()]
        parts += [f'<p style="{FAINT}">{escape(line)}</p>' for line in self._sharing()]
        return f'<div class="{NO_MATH}">{"".join(parts)}</div>'

    def _tables(self) -> tuple[Table, ...]:
        return (_agents(self.agents), _sessions(self.sessions), _worktrees(self.worktrees))

    def _sharing(self) -> list[str]:
        if self.settings.get("share_auth"):
            return [SHARED]
        if self.settings.get("allow_share_auth") is False:
            return ["An administrator forbids sharing: a sign-in ends with its container."]
        return ["Sharing is off: a sign-in ends with its container."]


def _agents(agents: Sequence[Mapping[str, Any]]) -> Table:
    rows, notes = [], dict[str, None]()
    for agent in agents:
        problem = agent.get("problem")
        state = "no" if problem else "yes"
        name = str(agent["name"])
        rows.append((name, str(agent["title"]), signed_in_text(agent["profiles"]), state))
        for sentence in undetermined(agent["profiles"]):
            notes[f"{name}: {sentence}"] = None
        if problem:
            mend = agent.get("mend")
            notes[f"{problem} Mend it with: {mend}" if mend else str(problem)] = None
    head = ("agent", "", "signed in", "ready")
    return Table("Agents", head, rows, "There are no agents.", list(notes))


def _sessions(sessions: Sequence[Mapping[str, Any]]) -> Table:
    rows, notes = [], []
    for session in sessions:
        code = session.get("exit_code")
        rows.append(
            (
                str(session["id"]),
                agent_title(str(session["agent"])),
                worktree_name(session["worktree"]),
                str(session["profile"]),
                "yes" if session["share_auth"] else "no",
                str(session["state"]) if code is None else f"{session['state']} ({code})",
                str(session["started"])[:19].replace("T", " "),
            )
        )
        if session.get("problem"):
            notes.append(f"{session['id']}: {session['problem']}")
    head = ("session", "agent", "worktree", "profile", "shared", "state", "started")
    if any(session["state"] != "exited" for session in sessions):
        notes.append("`jupyter agentauth stop SESSION` in a terminal ends one.")
    return Table("Sessions", head, rows, "No agent runs: `%agent claude` opens one.", notes)


def _worktrees(worktrees: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        (
            str(worktree["branch"] or str(worktree["head"] or "")[:8]),
            "?" if worktree["changes"] is None else str(worktree["changes"] or ""),
            ", ".join(map(str, worktree["sessions"])),
            str(worktree["path"]),
        )
        for worktree in worktrees
    ]
    head = ("branch", "changed files", "sessions", "path")
    notes = [f"{w['path']}: {w['problem']}" for w in worktrees if w.get("problem")]
    return Table(
        "Worktrees", head, rows, "There is no git worktree below the server's root.", notes
    )
