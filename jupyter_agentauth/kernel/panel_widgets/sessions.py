"""The sessions: those that run, and those that ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from ..panel_state import PanelState, has_ended
from ..panel_text import session_facts, session_text
from ..shown_text import in_one_line
from .acts import Acts
from .markup import heading, sentence
from .rows import Rows


class Sessions:
    """A row for each session."""

    def __init__(self, acts: Acts) -> None:
        self._rows = Rows(lambda session: SessionRow(session, acts))
        self._note = widgets.HTML()
        self.widget = widgets.VBox(
            [widgets.HTML(heading("Sessions")), self._note, self._rows.widget]
        )

    def show(self, state: PanelState) -> None:
        """Show the sessions as the server tells them."""
        sessions = state.sessions
        for row, session in zip(self._rows.show(sessions, "id"), sessions, strict=True):
            row.show(session, state)
        empty = "No agent runs." if "sessions" in state.values else "Not read yet."
        self._note.value = sentence(state.errors.get("sessions", "" if sessions else empty))


class SessionRow:
    """One session."""

    def __init__(self, session: str, acts: Acts) -> None:
        self._id = session
        self._acts = acts
        self._session: Mapping[str, Any] = {}
        self._title = widgets.HTML(layout={"flex": "1 1 auto", "min_width": "0"})
        self._open = widgets.Button(description="Open", layout={"width": "6em"})
        self._stop = widgets.Button(description="Stop", layout={"width": "6em"})
        self._problem = widgets.HTML()
        self._open.on_click(self._show_it)
        self._stop.on_click(self._stop_it)
        line = widgets.HBox([self._title, self._open, self._stop], layout={"align_items": "center"})
        self.widget = widgets.VBox([line, self._problem])

    def show(self, session: Mapping[str, Any], state: PanelState) -> None:
        """Show what it is and how it is."""
        self._session = session
        title, ended = in_one_line(session_text(session, state)), has_ended(session)
        self._title.value = sentence(title, "title") + sentence(session_facts(session))
        there = state.server == "there"
        stopping = self._acts.acting(self._key)
        self._open.disabled = not there or ended or session["terminal"] is None
        self._open.tooltip = f"Show the terminal of {title}"
        if not ended and session["terminal"] is None:
            self._open.tooltip = f"{title} has no terminal on this server"
        self._stop.disabled = not there or stopping
        self._stop.description = "Forget" if ended else "Stopping…" if stopping else "Stop"
        self._stop.tooltip = f"Forget {title}" if ended else f"Stop {title}: its container ends"
        self._problem.value = sentence(session.get("problem") or "", "warning")

    @property
    def _key(self) -> str:
        return f"stop {self._id}"

    def _show_it(self, _: object) -> None:
        self._acts.opened(dict(self._session))

    def _stop_it(self, _: object) -> None:
        self._acts.act(
            self._key, lambda client: client.stop_session(self._id), "sessions", "worktrees"
        )
