"""The one place where the panel says what happened."""

from __future__ import annotations

import ipywidgets as widgets

from .markup import sentence

#: The messages that are kept; the newest first.
_KEPT = 5


class Messages:
    """Sentences until they are dismissed."""

    def __init__(self) -> None:
        self._said: list[tuple[str, str]] = []
        self._text = widgets.HTML(layout={"flex": "1 1 auto", "min_width": "0"})
        self._dismiss = widgets.Button(
            description="Dismiss",
            tooltip="Dismiss the messages",
            layout={"width": "8em", "flex": "0 0 auto"},
        )
        self._dismiss.on_click(lambda _: self.clear())
        self.widget = widgets.HBox(
            [self._text, self._dismiss], layout={"display": "none", "align_items": "flex-start"}
        )

    def say(self, text: str, kind: str) -> None:
        """Say a sentence, above those before it; one that is there already comes first again."""
        self._said = [(text, kind), *(said for said in self._said if said[0] != text)][:_KEPT]
        self._show()

    def clear(self) -> None:
        """Take all of them away."""
        self._said = []
        self._show()

    def _show(self) -> None:
        self._text.value = "".join(
            sentence(text, kind, "alert" if kind == "error" else "status")
            for text, kind in self._said
        )
        self.widget.layout.display = None if self._said else "none"
