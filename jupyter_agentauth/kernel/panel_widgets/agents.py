"""The agents, each with its sign-in and a button that opens it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from ...text.sign_ins import undetermined
from ..panel_state import PanelState
from ..panel_text import problem_text, sign_in_text
from ..shown_text import in_one_line
from .acts import Acts
from .markup import heading, sentence
from .rows import Rows


class Agents:
    """A button for each agent.

    Parameters
    ----------
    place : callable
        The worktree in which to open it.
    """

    def __init__(self, acts: Acts, place: Callable[[], str | None]) -> None:
        self._rows = Rows(lambda name: AgentRow(name, acts, place))
        self._note = widgets.HTML()
        self.widget = widgets.VBox([widgets.HTML(heading("Agents")), self._note, self._rows.widget])

    def show(self, state: PanelState) -> None:
        """Show the agents as the server tells them."""
        agents = state.agents
        for row, agent in zip(self._rows.show(agents, "name"), agents, strict=True):
            row.show(agent, state, common=_common(agents))
        unread = "" if "agents" in state.values else "Not read yet."
        problem = _common(agents)
        if problem is not None:
            text = problem_text(problem["problem"], problem["mend"])
            self._note.value = sentence(text, "warning", "status")
        else:
            self._note.value = sentence(state.errors.get("agents", unread))


class AgentRow:
    """One agent."""

    def __init__(self, name: str, acts: Acts, place: Callable[[], str | None]) -> None:
        self._name = name
        self._acts = acts
        self._place = place
        self._button = widgets.Button(disabled=True, layout={"width": "16em"})
        self._state = widgets.HTML()
        self._problem = widgets.HTML()
        self._button.on_click(self._open)
        line = widgets.HBox([self._button, self._state], layout={"align_items": "center"})
        self.widget = widgets.VBox([line, self._problem])

    def show(
        self, agent: Mapping[str, Any], state: PanelState, common: Mapping[str, Any] | None
    ) -> None:
        """Show its sign-in, and why it cannot run.

        Parameters
        ----------
        common : mapping, optional
            An agent whose problem all have: it is said once, above them.
        """
        title, problem = in_one_line(agent["title"]), agent["problem"]
        opening = self._acts.acting(self._key)
        self._button.description = f"Opening {title}…" if opening else f"Open {title}"
        self._button.tooltip = problem or f"Open {title} in a container, in the chosen worktree"
        self._button.disabled = opening or problem is not None or state.server != "there"
        profile = (state.settings or {}).get("profile", "default")
        self._state.value = sentence(sign_in_text(agent, profile))
        told = problem is None or common is not None
        texts = [] if told else [problem_text(problem, agent["mend"])]
        texts += undetermined(agent["profiles"])
        self._problem.value = "".join(sentence(text, "warning") for text in texts)

    @property
    def _key(self) -> str:
        return f"open {self._name}"

    def _open(self, _: object) -> None:
        place = self._place()
        self._acts.act(
            self._key,
            lambda client: client.open_session(self._name, worktree=place),
            "sessions",
            "worktrees",
            then=self._acts.opened,
        )


def _common(agents: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return an agent whose problem all of them have, if there are several."""
    if len(agents) > 1 and len({agent["problem"] for agent in agents}) == 1:
        return agents[0] if agents[0]["problem"] is not None else None
    return None
