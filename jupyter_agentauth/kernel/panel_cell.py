"""Which cell of which notebook is running."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell, and one execution of it.

    Attributes
    ----------
    cell : str
        Its id, the same for as long as the notebook has it.
    execution : str
        Another one each time it runs.
    """

    cell: str
    execution: str


def this_cell() -> Cell | None:
    """Return the cell that runs now; ``None`` where the page does not say."""
    from IPython.core.getipython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None:
        return None
    parent = kernel.get_parent("shell")
    # JupyterLab 4, Notebook 7 and VS Code send it (seen with JupyterLab 4.6).
    cell = parent.get("metadata", {}).get("cellId")
    execution = parent.get("header", {}).get("msg_id")
    return Cell(str(cell), str(execution)) if cell and execution else None
