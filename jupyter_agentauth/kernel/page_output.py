"""What a cell shows: an object, a bundle, or one output that is replaced as a whole.

The only place that calls IPython's display functions, which have no types (IPython 9.18).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

#: Text in a colour of its own, for pages with JupyterLab's variables and for others.
FAINT = "color:var(--jp-ui-font-color2,#777)"

#: MathJax leaves it alone: an agent's `$5` is no formula (versions 3 and 2 name it so).
NO_MATH = "mathjax_ignore tex2jax_ignore"


def show(shown: object) -> None:
    """Show an object in the output of the cell."""
    from IPython.display import display

    display(shown)  # type: ignore[no-untyped-call]


def show_bundle(bundle: Mapping[str, Any]) -> None:
    """Show a MIME bundle in the output of the cell."""
    from IPython.display import display

    display(dict(bundle), raw=True)  # type: ignore[no-untyped-call]


class ReplacedOutput:
    """One output of the cell that makes this, replaced also after that cell has ended."""

    def __init__(self, text: str, html: str) -> None:
        self._display_id = f"agentauth-{uuid4().hex}"
        self._publish(text, html, update=False)

    def replace(self, text: str, html: str) -> None:
        """Show something else in its place; from any thread that has the cell's context."""
        self._publish(text, html, update=True)

    def _publish(self, text: str, html: str, update: bool) -> None:
        from IPython.display import publish_display_data

        publish_display_data(  # type: ignore[no-untyped-call]
            {"text/plain": text, "text/html": html},
            transient={"display_id": self._display_id},
            update=update,
        )
