"""A session as REST and the commands show it: made of a plan, a container or a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timezone
from typing import Any

from .engine import RunningContainer
from .launch_plan import LaunchPlan

#: Terminals of ours; jupyter_server_terminals wants names that match ``\w+`` (0.5.4). No other
#: terminal may ever have such a name, see `terminals.py`.
TERMINAL_PREFIX = "agentauth_"

#: What the engine calls a state, in our words; all else is ``exited``.
_STATES = {"created": "starting", "running": "running", "paused": "paused"}


def terminal_name(session: str) -> str:
    """Return the name of a session's terminal, for ever."""
    return TERMINAL_PREFIX + session


@dataclass(frozen=True)
class Session:
    """One session.

    Parameters
    ----------
    terminal : str or None
        Its name under ``/api/terminals``; ``None`` where it has none on this server.
    state : str
        ``starting``, ``running``, ``paused`` or ``exited``.
    exit_code : int or None
        The agent's, as a shell gives it; ``None`` while it runs, or when nobody saw the end.
    started : str
        ISO 8601, UTC.
    problem : str or None
        How it ended, when that was not by itself.
    last_lines : tuple of str
        The last lines on the screen of an agent that failed, as plain text.
    """

    id: str
    agent: str
    profile: str
    worktree: str
    share_auth: bool
    terminal: str | None
    container: str | None
    state: str
    exit_code: int | None
    started: str
    warnings: tuple[str, ...] = ()
    problem: str | None = None
    last_lines: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {
            **self.__dict__,
            "warnings": list(self.warnings),
            "last_lines": list(self.last_lines),
        }

    def ended(
        self, exit_code: int | None, problem: str | None = None, last_lines: tuple[str, ...] = ()
    ) -> Session:
        """Return the session as it is after its end."""
        return replace(
            self,
            terminal=None,
            state="exited",
            exit_code=exit_code,
            problem=problem,
            last_lines=last_lines,
        )


def planned_session(plan: LaunchPlan) -> Session:
    """Make a session of a plan that is about to be started."""
    return Session(
        id=plan.session,
        agent=plan.agent,
        profile=plan.profile,
        worktree=plan.worktree,
        share_auth=plan.share_auth,
        terminal=terminal_name(plan.session),
        container=None,
        state="starting",
        exit_code=None,
        started=datetime.now(timezone.utc).isoformat(),
        warnings=plan.warnings,
    )


def session_of(container: RunningContainer) -> Session:
    """Make a session of what the engine knows of its container."""
    labels = container.labels
    return Session(
        id=labels.get("session", ""),
        agent=labels.get("agent", ""),
        profile=labels.get("profile", ""),
        worktree=labels.get("worktree", ""),
        share_auth=labels.get("share-auth") == "true",
        terminal=None,
        container=container.id,
        state=_STATES.get(container.state, "exited"),
        exit_code=None,
        started=datetime.fromtimestamp(container.created, timezone.utc).isoformat(),
    )


def session_from_json(stored: Mapping[str, Any]) -> Session:
    """Make a session of its JSON form.

    Raises
    ------
    KeyError, TypeError
        When it is none.
    """
    known = {f.name: stored[f.name] for f in fields(Session)}
    return Session(
        **{**known, "warnings": tuple(known["warnings"]), "last_lines": tuple(known["last_lines"])}
    )
