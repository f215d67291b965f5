"""What a section may ask of the panel that it is in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..client import Client
    from ..panel_model import PanelModel


class Acts(Protocol):
    """The panel, as its sections see it."""

    model: PanelModel

    def act(
        self,
        name: str,
        work: Callable[[Client], Any],
        *stale: str,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do something in a thread, and have read again what it changes.

        Parameters
        ----------
        name : str
            What is being done; it is not begun a second time meanwhile.
        then : callable, optional
            Given the result, in that thread.
        """

    def acting(self, name: str) -> bool:
        """Return whether that is being done now."""

    def opened(self, session: dict[str, Any]) -> None:
        """Show a session to the user, who has just asked for it."""

    def say(self, text: str, kind: str = "info") -> None:
        """Say one sentence where the user looks."""
