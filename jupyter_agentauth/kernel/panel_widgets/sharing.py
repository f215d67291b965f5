"""The sharing switch: the user's one preference, as the side panel and the commands have it."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from ..panel_state import PanelState
from ..panel_text import SHARE, sharing_sentence
from .acts import Acts
from .markup import sentence


class Sharing:
    """The switch, and the sentence that says what it does."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._known = False
        self._switch = widgets.Checkbox(
            description=SHARE, indent=False, disabled=True, layout={"width": "auto"}
        )
        self._sentence = widgets.HTML()
        self._switch.observe(self._switched, "value")
        self.widget = widgets.VBox([self._switch, self._sentence])

    def show(self, state: PanelState) -> None:
        """Show what the server says, and nothing else."""
        settings = state.settings
        if settings is None:
            self._sentence.value = sentence(state.errors.get("settings", "Not read yet."))
            return
        forbidden = not settings["allow_share_auth"]
        acting = self._acts.acting("share")
        if not acting:
            self._known = bool(settings["share_auth"]) and not forbidden
            self._switch.value = self._known
        self._switch.disabled = forbidden or state.server != "there"
        text = sharing_sentence(settings)
        self._switch.tooltip = text
        self._sentence.value = sentence(text)

    def _switched(self, change: dict[str, Any]) -> None:
        wanted = bool(change["new"])
        if wanted == self._known:
            return
        model = self._acts.model
        self._acts.act(
            "share",
            lambda client: client.change_settings(share_auth=wanted),
            "settings",
            then=model.changed_settings,
        )
