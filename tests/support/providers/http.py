"""What comes in and what goes out, as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: What the model says when there is nothing to do, or when it is done.
DONE = "Done by the stand-in."


@dataclass(frozen=True)
class Edit:
    """The file that the model writes: ``path`` is absolute in the container."""

    path: str
    text: str


@dataclass(frozen=True)
class Request:
    """One request as it arrived.

    Parameters
    ----------
    method, path : str
        The path without its query.
    headers : mapping of str to str
        Names in lower case.
    body : object
        What the JSON says; text where it is none.
    model : bool
        Whether it asks a model for an answer.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    model: bool = False

    def carries(self, credential: str) -> bool:
        """Whether a header holds the credential."""
        return any(credential in value for value in self.headers.values())


@dataclass(frozen=True)
class Reply:
    """A whole answer; a stream of events is sent at once."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


#: A protocol: a request, and the edit to make if any, give an answer.
Protocol = Callable[[Request, "Edit | None"], Reply]


def answer(value: object, status: int = 200) -> Reply:
    """Answer with JSON."""
    return Reply(json.dumps(value).encode(), status)


def stream(events: list[dict[str, Any]], end: str = "") -> Reply:
    """Answer with server-sent events, each under the name that its ``type`` gives."""
    text = ""
    for event in events:
        name = f"event: {event['type']}\n" if "type" in event else ""
        text += f"{name}data: {json.dumps(event)}\n\n"
    return Reply((text + end).encode(), content_type="text/event-stream")
