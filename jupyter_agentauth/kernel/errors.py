"""What can go wrong on the kernel's side, each with one sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .results import Results
    from .run import Run


class AgentError(Exception):
    """Something that could not be done.

    Parameters
    ----------
    message : str
        One sentence for people.
    reason : str
        A machine's name of it, as in REST.
    """

    reason = "failed"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason

    def _render_traceback_(self) -> list[str]:
        """Have IPython show the sentence in place of a traceback (seen in IPython 9)."""
        return [self.message]


class ServerNotFound(AgentError):
    """No Jupyter server is there for this kernel, or it is gone."""

    reason = "server_not_found"


class ServerError(AgentError):
    """The server refused.

    Parameters
    ----------
    status : int
        Of HTTP.
    """

    def __init__(self, message: str, reason: str, status: int) -> None:
        super().__init__(message, reason)
        self.status = status


class RunFailed(AgentError):
    """A run did not do what it was to do.

    Parameters
    ----------
    run : Run
        With what it said until then.
    """

    reason = "run_failed"

    def __init__(self, message: str, run: Run, reason: str | None = None) -> None:
        super().__init__(message, reason)
        self.run = run


class RunInterrupted(KeyboardInterrupt):
    """A run, or several, that were stopped from the keyboard; what was told until then is kept.

    Parameters
    ----------
    message : str
        One sentence.
    run : Run, optional
        What `agents.run` would have returned.
    results : Results, optional
        What `agents.gather` would have returned.
    """

    def __init__(
        self, message: str, *, run: Run | None = None, results: Results | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.run = run
        self.results = results

    def _render_traceback_(self) -> list[str]:
        return [self.message]
