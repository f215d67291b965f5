"""Errors that people and programs can both read.

Every error carries one sentence that says what to do, a machine-readable ``reason``
and the HTTP status it has in the REST API. The edges translate it in one place each:
``server/handlers.py`` to a JSON reply, ``cli.py`` to a sentence on stderr and an exit
code, the magics to a notebook message.
"""

from __future__ import annotations

#: What is told of a fault of ours: nothing of its inside.
FAULT = {"message": "The server failed at this; its log says more.", "reason": "internal_error"}


class AgentAuthError(Exception):
    """Something the user asked for cannot be done.

    Parameters
    ----------
    message : str
        One sentence for people, which says what to do. Never holds a secret.
    reason : str, optional
        A name for programs, such as ``"image_missing"``.
    mend : str, optional
        The one command that mends it, where there is one.
    """

    reason = "failed"
    status = 500

    def __init__(self, message: str, reason: str | None = None, mend: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        if reason is not None:
            self.reason = reason


class BadRequest(AgentAuthError):
    """What was asked for is not understood or not valid."""

    reason = "bad_request"
    status = 400


class Forbidden(AgentAuthError):
    """An administrator's setting forbids it."""

    reason = "forbidden"
    status = 403


class NotFound(AgentAuthError):
    """The thing that was named does not exist."""

    reason = "not_found"
    status = 404


class Conflict(AgentAuthError):
    """It cannot be done in the present state."""

    reason = "conflict"
    status = 409


class Unavailable(AgentAuthError):
    """Something outside of us, such as the container engine, is not there."""

    reason = "unavailable"
    status = 503


class EngineError(Unavailable):
    """The container engine cannot be reached or refused to do it."""

    reason = "engine_error"


def shown(path: str) -> str:
    """Return a path as a sentence can hold it: one with a newline or the like is quoted."""
    return path if path.isprintable() else repr(path)
