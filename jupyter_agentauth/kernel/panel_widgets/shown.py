"""The session that was opened last: how it is reached where the page opens no tab."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..panel_state import PanelState, has_ended
from ..run_facts import SHARED
from ..show import session_bundle
from .markup import sentence


class Shown:
    """An output with the session, as ``%agent`` leaves one, for as long as it runs."""

    def __init__(self) -> None:
        self._session: str | None = None
        self._listed = False
        self._note = widgets.HTML()
        # Its outputs are set as they are: to capture what a thread displays would capture what
        # the notebook's own cells display meanwhile, too (ipywidgets 8.1).
        self._output = widgets.Output()
        self.widget = widgets.VBox([self._output, self._note])

    def opened(self, session: dict[str, Any], address: str | None) -> None:
        """Show a session."""
        self._session, self._listed = session["id"], False
        bundle = session_bundle(session, address=address)
        self._output.outputs = ({"output_type": "display_data", "data": bundle, "metadata": {}},)
        self._note.value = sentence(SHARED if session["share_auth"] else "", "hint", "status")

    def show(self, state: PanelState) -> None:
        """Take it away once it has ended; it is listed a moment after it was opened."""
        running = {session["id"] for session in state.sessions if not has_ended(session)}
        if self._session in running:
            self._listed = True
        elif self._session is not None and self._listed:
            self._session = None
            self._output.outputs = ()
            self._note.value = ""
