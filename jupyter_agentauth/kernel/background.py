"""A run that is followed in a thread, while its kernel does other things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import AgentError
from .follow import follow_run
from .work import in_thread

if TYPE_CHECKING:
    from .client import Client
    from .run import Run
    from .run_display import RunDisplay


def run_in_background(
    client: Client, run: Run, lines: Iterator[dict[str, Any]], display: RunDisplay
) -> None:
    """Follow a run, and show it, from a thread that does not keep the kernel from ending."""

    def follow() -> None:
        try:
            follow_run(client, run, lines, display.update)
        except AgentError as error:
            run.add({"type": "error", "message": error.message, "reason": error.reason})
        finally:
            display.close()

    in_thread(follow, f"agent run {run.id}")
