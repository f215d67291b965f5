"""How a session ended, said so that its user knows what to do.

A container is removed when it ends (``--rm``), and what the engine knew of it goes with it.
But the engine remembers its last events, and can be asked for them afterwards.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .engine_errors import engine_errors

if TYPE_CHECKING:
    import docker

#: 128 and SIGKILL's number.
_KILLED = 137


def how_it_ended(exit_code: int | None, oom: bool, memory: str) -> str | None:
    """Say in one sentence why a session ended, where its exit code alone does not.

    Parameters
    ----------
    exit_code : int or None
        As a shell gives it; ``None`` when nobody saw it.
    oom : bool
        Whether the engine said that the memory limit was reached; see `reached_memory_limit`.
    memory : str
        The limit that it ran with, as ``c.AgentAuth.memory`` gives it.

    Returns
    -------
    str or None
        ``None`` for an agent that ended by itself.
    """
    if oom and exit_code in (_KILLED, None):
        return (
            f"It was killed at its memory limit of {memory}: raise c.AgentAuth.memory, and mind "
            "that its home lies in that memory, too."
        )
    if oom and exit_code != 0:
        # Docker 20.10.24: the event comes also when a child alone was killed, and the agent
        # then ended with a code of its own.
        return (
            f"A program of it was killed at its memory limit of {memory}: raise c.AgentAuth.memory."
        )
    if exit_code == _KILLED:
        return (
            "It was killed from outside (SIGKILL): by `docker kill`, with the engine, or where the "
            "machine ran out of memory."
        )
    if exit_code is None:
        return (
            "It ended unseen (with the engine, or while no server ran): its exit code is not known."
        )
    return None


def reached_memory_limit(client: docker.DockerClient, container: str) -> bool:
    """Ask the engine's past events whether a container, by now removed, reached its memory limit.

    The engine keeps 256 events (moby, `daemon/events`), so this is to be asked soon.

    Raises
    ------
    EngineError
    """
    return any(event.get("Action") == "oom" for event in _past_events(client, container))


def exit_code_of(client: docker.DockerClient, container: str) -> int | None:
    """Ask the engine's past events for the exit code of a container that is removed by now.

    Raises
    ------
    EngineError
    """
    for event in _past_events(client, container):
        if event.get("Action") == "die":
            code = (event.get("Actor") or {}).get("Attributes", {}).get("exitCode", "")
            return int(code) if str(code).isdigit() else None
    return None


def _past_events(client: docker.DockerClient, container: str) -> list[dict[str, Any]]:
    with engine_errors():
        # Until the engine's own time: with ours, which may be ahead, it would wait.
        until = _timestamp(client.info()["SystemTime"])
        filters = {"container": container, "event": ["oom", "die"]}
        # The SDK passes a time on as it is, which its types do not know.
        ask: Any = client.api.events
        return list(ask(since="1", until=until, filters=filters, decode=True))


def _timestamp(time: str) -> str:
    """Give an RFC 3339 time as the engine's API wants it: seconds and nanoseconds.

    Raises
    ------
    ValueError
    """
    found = re.fullmatch(r"(\d+-\d+-\d+T\d+:\d+:\d+)(?:\.(\d+))?(Z|[+-]\d+:\d+)", time)
    if found is None:
        raise ValueError(f"no time: {time!r}")
    whole, fraction, zone = found.groups()
    moment = datetime.fromisoformat(whole + zone.replace("Z", "+00:00"))
    return f"{int(moment.timestamp())}.{fraction or 0}"
