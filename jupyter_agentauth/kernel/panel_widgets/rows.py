"""A list of things of which each keeps its widgets for as long as it is there.

So the button that has the keyboard's focus stays the same one, and no widget is left in the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import ipywidgets as widgets


class Row(Protocol):
    """The widgets of one thing."""

    widget: widgets.Widget


R = TypeVar("R", bound=Row)


class Rows(Generic[R]):
    """Show one row for each thing.

    Parameters
    ----------
    make : callable
        Makes the row of one thing, by its key.
    """

    def __init__(self, make: Callable[[str], R]) -> None:
        self._make = make
        self._rows: dict[str, R] = {}
        self.widget = widgets.VBox()

    def show(self, things: Sequence[Mapping[str, Any]], key: str) -> list[R]:
        """Have a row for each thing, in their order, and return them."""
        wanted = [str(thing[key]) for thing in things]
        gone = [self._rows.pop(name) for name in list(self._rows) if name not in wanted]
        for name in wanted:
            if name not in self._rows:
                self._rows[name] = self._make(name)
        rows = [self._rows[name] for name in wanted]
        children = tuple(row.widget for row in rows)
        if children != self.widget.children:
            self.widget.children = children
        for row in gone:
            close_whole(row.widget)
        return rows


def close_whole(widget: widgets.Widget) -> None:
    """Close a widget and all that it holds: ipywidgets 8 closes the outermost alone."""
    for child in getattr(widget, "children", ()):
        close_whole(child)
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, widgets.Widget):
            part.close()
    widget.close()
