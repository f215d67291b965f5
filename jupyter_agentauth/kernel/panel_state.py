"""What the panel in a notebook knows of its server, and what an event or a line changes of it.

Pure: the threads that read are in `panel_model.py`, the widgets that show it in `panel_widgets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: What is read of the server, each by one request, in the order in which it is shown.
PARTS = ("settings", "agents", "worktrees", "sessions", "image")

#: Which parts an event makes stale, by what it is about.
_STALE = {
    "session": ("sessions", "worktrees"),
    "image": ("image", "agents"),
    "settings": ("settings", "agents"),
    "agent": ("agents",),
    "worktree": ("worktrees",),
    "engine": ("agents", "sessions", "image", "worktrees"),
}


def stale_after(kind: str) -> tuple[str, ...]:
    """Return the parts to read again after an event of a kind."""
    return _STALE.get(kind, ())


@dataclass(frozen=True)
class Build:
    """A build of the agent image, as far as its lines were read.

    Attributes
    ----------
    state : str
        ``running``, ``done``, ``failed`` or ``cancelled``.
    step, total : int or None
        Done so far, and in all, where that is known.
    message : str
        What it does now, or why it failed.
    """

    state: str = "running"
    step: int | None = None
    total: int | None = None
    message: str = ""

    def after(self, line: Mapping[str, Any]) -> Build:
        """Return what it is after one more line."""
        kind, message = line.get("type"), str(line.get("message", ""))
        if kind == "done":
            return replace(self, state="done", step=self.total, message="The image is built.")
        if kind == "error":
            cancelled = line.get("reason") == "build_cancelled"
            return replace(self, state="cancelled" if cancelled else "failed", message=message)
        if kind == "progress":
            step, total = line.get("step"), line.get("total")
            return replace(
                self,
                step=self.step if step is None else step,
                total=self.total if total is None else total,
                message=message,
            )
        return self


@dataclass(frozen=True)
class PanelState:
    """The server's state, as it was read last.

    Attributes
    ----------
    server : str
        ``unknown`` (not asked yet), ``there`` or ``lost``.
    problem : str
        Why it is lost: one sentence.
    values : mapping
        Of each part; those that were not read yet are absent.
    errors : mapping
        Why a part could not be read the last time.
    build : Build or None
        The one that runs, or that ended last while somebody looked.
    """

    server: str = "unknown"
    problem: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    build: Build | None = None

    def read(self, part: str, value: object) -> PanelState:
        """Return it with a part that was read."""
        errors = {name: error for name, error in self.errors.items() if name != part}
        return replace(
            self, server="there", problem="", values={**self.values, part: value}, errors=errors
        )

    def refused(self, part: str, message: str) -> PanelState:
        """Return it with a part that the server cannot tell now; what was known of it stays."""
        return replace(self, server="there", problem="", errors={**self.errors, part: message})

    def lost(self, problem: str) -> PanelState:
        """Return it without its server; what was known stays to be seen."""
        return replace(self, server="lost", problem=problem)

    def building(self, build: Build | None) -> PanelState:
        """Return it with a build."""
        return replace(self, build=build)

    @property
    def builds(self) -> bool:
        """Whether a build runs."""
        return self.build is not None and self.build.state == "running"

    @property
    def settings(self) -> Mapping[str, Any] | None:
        """The user's choices, once they were read."""
        found: Mapping[str, Any] | None = self.values.get("settings")
        return found

    @property
    def image(self) -> Mapping[str, Any] | None:
        """The agent image, once it was read."""
        found: Mapping[str, Any] | None = self.values.get("image")
        return found

    @property
    def agents(self) -> list[Mapping[str, Any]]:
        """The agents."""
        return list(self.values.get("agents") or ())

    @property
    def worktrees(self) -> list[Mapping[str, Any]]:
        """The worktrees: by repository, its main one first, then by branch."""
        return sorted(
            self.values.get("worktrees") or (),
            key=lambda w: (w["repo"], not w["main"], w["branch"] or "", w["path"]),
        )

    @property
    def sessions(self) -> list[Mapping[str, Any]]:
        """The sessions: those that run, the newest first, and then those that ended."""
        newest = sorted(
            self.values.get("sessions") or (),
            key=lambda s: (str(s["started"]), s["id"]),
            reverse=True,
        )
        return sorted(newest, key=has_ended)


def has_ended(session: Mapping[str, Any]) -> bool:
    """Return whether a session's agent runs no more."""
    return bool(session["state"] == "exited")
