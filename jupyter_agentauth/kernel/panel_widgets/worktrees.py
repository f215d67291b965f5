"""Where an agent is opened, and a new worktree for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from ..panel_state import PanelState
from ..panel_text import repositories, worktree_of, worktree_options
from ..working_directory import working_directory
from .acts import Acts
from .markup import heading, sentence

_WIDE = {"width": "auto", "max_width": "44em"}
_LABELS = {"description_width": "8em"}


class Worktrees:
    """A list to choose from, and a form for one more."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._chosen: str | None = None
        #: One that was made, until it is listed.
        self._wanted: str | None = None
        self._options: tuple[tuple[str, str], ...] = ()
        self._choice = widgets.Dropdown(description="Worktree", layout=_WIDE, style=_LABELS)
        self._choice.observe(self._choose, "value")
        self._note = widgets.HTML()
        self._new = NewWorktree(acts, self._made)
        self.widget = widgets.VBox(
            [widgets.HTML(heading("Worktree")), self._choice, self._note, self._new.widget]
        )

    @property
    def chosen(self) -> str | None:
        """The path of the worktree in which an agent is to be opened."""
        return self._chosen

    def show(self, state: PanelState) -> None:
        """Show the worktrees as the server tells them; the choice stays while it is there."""
        self._note.value = sentence(state.errors.get("worktrees", ""))
        if "worktrees" not in state.values:
            self._choice.disabled = True
            return
        directory = os.path.realpath(working_directory())
        options = worktree_options(state, directory)
        paths = [path for _, path in options]
        chosen = self._chosen
        if self._wanted in paths:
            chosen, self._wanted = self._wanted, None
        if chosen is None or chosen not in paths:
            chosen = worktree_of(directory, state.worktrees) or paths[0]
        if options != self._options:
            self._options = options
            # New options choose the first of them (ipywidgets 8.1): that is not the user's choice.
            self._choice.unobserve(self._choose, "value")
            try:
                self._choice.options = options
                self._choice.value = chosen
            finally:
                self._choice.observe(self._choose, "value")
        elif self._choice.value != chosen:
            self._choice.value = chosen
        self._chosen = chosen
        self._choice.tooltip = chosen
        self._choice.disabled = False
        self._new.show(state, chosen)

    def _choose(self, change: Mapping[str, Any]) -> None:
        self._chosen = change["new"]
        self._choice.tooltip = change["new"] or ""

    def _made(self, worktree: Mapping[str, Any]) -> None:
        self._wanted = worktree["path"]
        self._acts.model.read_again("worktrees")
        self._acts.say(f"New worktree {worktree['branch']}: {worktree['path']}")
        for warning in worktree.get("warnings", ()):
            self._acts.say(warning, "warning")


class NewWorktree:
    """The form for a new worktree: of which repository, its branch, and where that begins."""

    def __init__(self, acts: Acts, made: Callable[[Mapping[str, Any]], None]) -> None:
        self._acts = acts
        self._made = made
        self._repositories: tuple[tuple[str, str], ...] = ()
        self._repository = widgets.Dropdown(description="Repository", layout=_WIDE, style=_LABELS)
        self._branch = widgets.Text(
            description="New branch", placeholder="fix-typo", layout=_WIDE, style=_LABELS
        )
        self._base = widgets.Combobox(
            description="From", placeholder="the branch that is checked out",
            ensure_option=False, layout=_WIDE, style=_LABELS,
        )  # fmt: skip
        self._create = widgets.Button(
            description="Create worktree", tooltip="Make the worktree, and choose it",
            layout={"width": "14em"},
        )  # fmt: skip
        self._create.on_click(self._make)
        form = widgets.VBox(
            [self._repository, self._branch, self._base, self._create], layout={"display": "none"}
        )
        self._form = form
        # An accordion's heads cannot be reached by the keyboard (ipywidgets 8.1).
        self._unfold = widgets.ToggleButton(
            description="New worktree…", tooltip="Make a worktree on a new branch",
            layout={"width": "14em"},
        )  # fmt: skip
        self._unfold.observe(self._look, "value")
        self._repository.observe(self._look, "value")
        self.widget = widgets.VBox([self._unfold, form])

    def show(self, state: PanelState, chosen: str) -> None:
        """Offer the repositories; the chosen worktree's first."""
        found = repositories(state)
        if found != self._repositories:
            before = self._repository.value
            self._repositories = found
            self._repository.options = found
            paths = [path for _, path in found]
            here = next((w["repo"] for w in state.worktrees if w["path"] == chosen), None)
            self._repository.value = before if before in paths else here or next(iter(paths), None)
        making = self._acts.acting("worktree")
        self._create.disabled = making or state.server != "there" or not found
        self._create.description = "Being made…" if making else "Create worktree"

    def _look(self, _: object) -> None:
        """Ask which branches there are to begin from, once the form is open."""
        repository, open_ = self._repository.value, self._unfold.value
        self._form.layout.display = None if open_ else "none"
        if repository is not None and open_:
            self._acts.act(
                "branches",
                lambda client: client.choices(repository),
                then=lambda choices: self._base.set_trait("options", tuple(choices["branches"])),
            )

    def _make(self, _: object) -> None:
        repository, branch = self._repository.value, self._branch.value.strip()
        base = self._base.value.strip() or None
        if not branch:
            self._acts.say("Give the new branch a name.", "error")
            return
        self._acts.act(
            "worktree",
            lambda client: client.add_worktree(repository, branch, base=base),
            "worktrees",
            then=self._done,
        )

    def _done(self, worktree: Mapping[str, Any]) -> None:
        self._branch.value = ""
        self._base.value = ""
        self._unfold.value = False
        self._made(worktree)
