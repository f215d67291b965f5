"""``AgentPanel()``: agents, sessions, worktrees, sharing and the image, in a notebook's cell.

::

    panel_model.py   reads the server and follows its events, once for all panels of the kernel
    panel_state.py   what was read, pure
    panel_widgets/   sections that show it, of ipywidgets' own widgets alone
    panel.py         puts them together, and does in threads what a click asks for

A page's messages reach a kernel's widgets one after the other, on its main thread (or on a
subshell's, if the page wants that of ipykernel 7), so a click begins what it asks for and returns.
Widgets are changed in whichever thread knows something new: ipykernel 6.31 and 7.4 send a comm's
messages from any thread, by way of the one that owns the socket. So the panel also follows while a
cell runs; what is clicked meanwhile is done after it (JupyterLab 4.6, seen).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from . import panel_model
from .errors import AgentError
from .panel_cell import Cell, this_cell
from .panel_state import PanelState
from .panel_widgets.agents import Agents
from .panel_widgets.image import Image
from .panel_widgets.markup import STYLE, sentence
from .panel_widgets.messages import Messages
from .panel_widgets.rows import close_whole
from .panel_widgets.sessions import Sessions
from .panel_widgets.sharing import Sharing
from .panel_widgets.shown import Shown
from .panel_widgets.worktrees import Worktrees
from .show import COMM_TARGET
from .work import in_thread

if TYPE_CHECKING:
    from .client import Client

#: The panels that are open, so that a cell that runs again closes the one it made before.
_open: weakref.WeakSet[AgentPanel] = weakref.WeakSet()


class AgentPanel(widgets.VBox):  # type: ignore[misc] # ipywidgets 8.1 has no types.
    """The side panel's things in a notebook: ``AgentPanel()`` as a cell's last line.

    It shows what the server says, follows what is changed elsewhere, and needs no JupyterLab: it
    is made of ipywidgets' own widgets. `close` takes it away; so does the cell that made it when
    it runs again.

    Parameters
    ----------
    client : Client, optional
        The server to show; found as everything in a kernel finds it if absent.
    """

    def __init__(self, client: Client | None = None) -> None:
        self._closed = False
        self._acting: set[str] = set()
        self._showing = threading.RLock()
        self._cell = this_cell()
        self._client = client
        self._make_sections()
        super().__init__([*self._children()], _dom_classes=("agentauth-panel",))
        self.model = panel_model.watch(client, self._show)
        _close_earlier(self._cell)
        _open.add(self)

    def close(self) -> None:
        """Take the panel away, and end its threads; what runs on the server goes on."""
        if getattr(self, "_closed", True):
            return
        self._closed = True
        _open.discard(self)
        panel_model.leave(self.model, self._show)
        with self._showing:
            for child in self.children:
                close_whole(child)
            self.layout.close()
            super().close()

    def act(
        self,
        name: str,
        work: Callable[[Client], Any],
        *stale: str,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do something in a thread; see `Acts`."""

        def run() -> None:
            try:
                result = self.model.do(work, *stale)
                if then is not None and not self._closed:
                    then(result)
            except AgentError as error:
                self.say(error.message, "error")
            finally:
                self._acting.discard(name)
                self._show(self.model.state)

        with self._showing:
            if name in self._acting or self._closed:
                return
            self._acting.add(name)
        # With the click as parent of what it sends: the page that asked is the one to be told.
        in_thread(run, f"agent panel: {name}")
        self._show(self.model.state)

    def acting(self, name: str) -> bool:
        """Return whether something is being done now."""
        return name in self._acting

    def opened(self, session: dict[str, Any]) -> None:
        """Have the page open the session's tab; a page that has none is told how to reach it."""
        from comm import create_comm

        for warning in session["warnings"]:
            self.say(warning, "warning")
        if session.get("terminal"):
            create_comm(target_name=COMM_TARGET, data={"show": session["id"]})
        address = self._address()
        with self._showing:
            if not self._closed:
                self._shown.opened(session, address)

    def say(self, text: str, kind: str = "info") -> None:
        """Say one sentence, until it is dismissed."""
        with self._showing:
            if not self._closed:
                self._messages.say(text, kind)

    def _make_sections(self) -> None:
        self._messages = Messages()
        self._lost = widgets.HTML()
        self._retry = widgets.Button(
            description="Retry", tooltip="Look for the server again", layout={"display": "none"}
        )
        self._retry.on_click(lambda _: self._look_again())
        self._shown = Shown()
        worktrees = Worktrees(self)
        self._sections = (
            Sharing(self),
            worktrees,
            Agents(self, lambda: worktrees.chosen),
            Sessions(self),
            self._shown,
            Image(self),
        )

    def _children(self) -> Iterator[widgets.Widget]:
        yield widgets.HTML(STYLE, layout={"display": "none"})
        yield self._lost
        yield self._retry
        yield self._messages.widget
        for section in self._sections:
            yield section.widget

    def _show(self, state: PanelState) -> None:
        with self._showing:
            if self._closed:
                return
            lost = state.server == "lost"
            self._lost.value = sentence(state.problem if lost else "", "error", "alert")
            self._retry.layout.display = None if lost else "none"
            for section in self._sections:
                section.show(state)

    def _look_again(self) -> None:
        self.model.read_again()

    def _address(self) -> str | None:
        try:
            return self.model.do(lambda client: client.page_url(""))
        except AgentError:
            return None


def _close_earlier(cell: Cell | None) -> None:
    """Close what the same cell made when it ran before: its output is gone."""
    for panel in tuple(_open):
        before = panel._cell
        if cell and before and before.cell == cell.cell and before.execution != cell.execution:
            panel.close()
