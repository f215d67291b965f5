"""A run is begun and followed to its end, in the caller's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from .client import Client
from .errors import AgentError
from .run import Run

#: What a server tells, line by line.
Lines = Iterator[dict[str, Any]]


def start_run(
    client: Client,
    agent: str,
    prompt: str,
    *,
    args: Sequence[str] = (),
    worktree: str | None = None,
    profile: str | None = None,
    share: bool | None = None,
    resume: str | None = None,
) -> tuple[Run, Lines]:
    """Start a run and wait until its container is there.

    Returns
    -------
    Run
        With its id.
    iterator of dict
        What it tells next, for `follow_run`.

    Raises
    ------
    AgentError
        Nothing runs then.
    """
    run = Run(agent, prompt, worktree or "", profile=profile, client=client)
    return run, begin_run(client, run, args=args, share=share, resume=resume)


def begin_run(
    client: Client,
    run: Run,
    *,
    args: Sequence[str] = (),
    share: bool | None = None,
    resume: str | None = None,
) -> Lines:
    """Start a run that is an object already; see `start_run`."""
    lines = client.run(
        run.agent, run.prompt, args, run.worktree or None, run.profile, share, resume
    )
    try:
        for line in lines:
            run.add(line)
            if run.state != "starting":
                break
    except BaseException:
        # Where the answer is on its way, so may the container be.
        close(lines)
        raise
    return lines


def follow_run(
    client: Client,
    run: Run,
    lines: Lines,
    on_change: Callable[[Run], object] = lambda run: None,
) -> Run:
    """Read a run to its end; the connection may break off once.

    Parameters
    ----------
    on_change : callable
        Called with the run after each line.

    Raises
    ------
    KeyboardInterrupt
        When it was interrupted: the run is cancelled then, its container gone, and what it said
        is kept.
    """
    try:
        try:
            _read(run, lines, on_change)
        except AgentError as error:
            _read_again(client, run, error, on_change)
    except BaseException:
        if not run.ended:
            cancel(client, run)
        on_change(run)
        raise
    finally:
        close(lines)
    if not run.ended:
        broken = {"message": f"The server told no end of the run {run.id}.", "reason": "no_end"}
        run.add({"type": "error", **broken})
        on_change(run)
    return run


def cancel(client: Client, run: Run) -> None:
    """Cancel a run at the server, and take in how it ended; say so in it if it may go on."""
    try:
        client.stop_run(run.id)
    except AgentError as error:
        message = f"The run could not be stopped and may go on: {error.message}"
        run.add({"type": "error", "message": message, "reason": "not_stopped"})
        return
    lines = client.join_run(run.id)
    with suppress(AgentError):
        _read(run, lines, lambda run: None, skip=len(run.events))
    close(lines)
    if not run.ended:
        cancelled = {"message": "The run was cancelled.", "reason": "run_cancelled"}
        run.add({"type": "error", **cancelled})


def close(lines: Lines) -> None:
    """Close a connection whose rest nobody reads."""
    shut = getattr(lines, "close", None)
    if shut is not None:
        with suppress(ValueError):  # It is being read by another thread, which is to end it.
            shut()


def _read(run: Run, lines: Lines, on_change: Callable[[Run], object], skip: int = 0) -> None:
    on_change(run)
    for number, line in enumerate(lines):
        if number >= skip:
            run.add(line)
            on_change(run)


def _read_again(
    client: Client, run: Run, error: AgentError, on_change: Callable[[Run], object]
) -> None:
    """Join a run whose connection broke off, if its server still knows it."""
    lines = client.join_run(run.id)
    try:
        _read(run, lines, on_change, skip=len(run.events))
    except AgentError:
        run.add({"type": "error", "message": error.message, "reason": error.reason})
        on_change(run)
    finally:
        close(lines)
