"""The image that agents run in, and its build."""

from __future__ import annotations

import ipywidgets as widgets

from ..panel_state import PanelState
from ..panel_text import build_text, image_text
from .acts import Acts
from .markup import heading, progress, sentence


class Image:
    """What the image is, a button that builds it, and how far the build is."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._facts = widgets.HTML()
        self._build = widgets.Button(disabled=True, layout={"width": "12em"})
        self._cancel = widgets.Button(
            description="Cancel", tooltip="Cancel the build; the image stays as it is"
        )
        self._progress = widgets.HTML(layout={"flex": "1 1 auto"})
        self._line = widgets.HTML()
        self._building = widgets.HBox(
            [self._progress, self._cancel], layout={"align_items": "center", "display": "none"}
        )
        self._build.on_click(self._build_it)
        self._cancel.on_click(self._cancel_it)
        self.widget = widgets.VBox(
            [
                widgets.HTML(heading("Image")),
                self._facts,
                self._build,
                self._building,
                self._line,
            ]
        )

    def show(self, state: PanelState) -> None:
        """Show the image, and the build that runs or ended last."""
        there, builds = state.server == "there", state.builds
        present = bool(state.image and state.image["present"])
        self._facts.value = sentence(image_text(state))
        self._build.description = "Rebuild image" if present else "Build image"
        self._build.tooltip = "Build the image with all agents; it takes some minutes"
        self._build.disabled = not there or builds or self._acts.acting("build")
        self._building.layout.display = None if builds else "none"
        self._cancel.disabled = not there or self._acts.acting("cancel")
        self._show_build(state)

    def _show_build(self, state: PanelState) -> None:
        build = state.build
        if build is None:
            self._line.value = ""
            return
        self._progress.value = progress(build.step, build.total)
        kinds = {"running": "log", "done": "info", "cancelled": "info", "failed": "error"}
        # While it runs the bar tells the step; each line would be read aloud for minutes.
        role = "" if state.builds else "status"
        self._line.value = sentence(build_text(build), kinds[build.state], role)

    def _build_it(self, _: object) -> None:
        model = self._acts.model
        self._acts.act("build", lambda _client: model.build(), "image", "agents")

    def _cancel_it(self, _: object) -> None:
        self._acts.act("cancel", lambda client: client.cancel_build(), "image")
