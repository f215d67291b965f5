"""What tests of faults say again and again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: ``await api("POST", "sessions", {...})``, see `conftest`.
Api = Callable[..., Any]


def one_sentence(message: str) -> bool:
    """Whether it is one line for people."""
    return message.endswith(".") and "\n" not in message and "Traceback" not in message


async def terminals(jp_fetch: Callable[..., Any]) -> list[str]:
    """The names of the server's terminals."""
    return [t["name"] for t in json.loads((await jp_fetch("api", "terminals")).body)]


async def start(api: Api, worktree: Path, agent: str = "sh", **body: object) -> Any:
    """Ask for a session and return the reply, whatever it is."""
    return await api("POST", "sessions", {"agent": agent, "worktree": str(worktree), **body})


async def launches_and_stops(api: Api, worktree: Path, agent: str = "sh", **body: object) -> None:
    """The next try works, in the server that saw the fault."""
    reply = await start(api, worktree, agent, **body)
    assert reply.status == 201, reply.json
    assert (await api("DELETE", f"sessions/{reply.json['id']}")).status == 204


@contextmanager
def before(
    monkeypatch: pytest.MonkeyPatch, owner: object, step: str, fault: Callable[[], object]
) -> Iterator[None]:
    """Have a fault happen right before a step of a launch, such as the service's `prepare`."""
    original = getattr(owner, step)

    def too_late(*arguments: Any) -> Any:
        fault()
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, too_late)
        yield


async def doctor(api: Api, check: str) -> tuple[str, str]:
    """What the doctor says of one subject: level and sentence."""
    [found] = [c for c in (await api("GET", "doctor")).json if c["check"] == check]
    return found["level"], found["message"]
