"""One run from its start to its end, in the thread that calls this; see `work`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from .client import Client
from .errors import AgentError
from .follow import begin_run, follow_run
from .run import Run
from .work import Stop

OnChange = Callable[[Run], object]


def ignore(run: Run) -> None:
    """Do nothing when a run changes."""


def work_on(
    client: Client,
    run: Run,
    stop: Stop,
    *,
    args: Sequence[str] = (),
    share: bool | None = None,
    resume: str | None = None,
    timeout: float | None = None,
    on_change: OnChange = ignore,
) -> Run:
    """Start a run and follow it to its end.

    Parameters
    ----------
    stop : Stop
        Cancels it at the server, at any time.
    timeout : float, optional
        Seconds after which it is cancelled.

    Raises
    ------
    AgentError
        When it did not start.
    """
    if stop.is_set:
        return _cancelled(run, on_change)
    too_long = threading.Event()
    lines = begin_run(client, run, args=args, share=share, resume=resume)

    def cancel() -> None:
        client.stop_run(run.id)

    def end_in_time() -> None:
        too_long.set()
        with suppress(AgentError):  # It goes on being followed, and says itself how it ends.
            cancel()

    with stop.calls(cancel), _after(timeout, end_in_time):
        follow_run(client, run, lines, on_change)
    if run.state == "cancelled" and too_long.is_set() and not stop.is_set:
        run.problem = f"{run.name} took longer than {timeout:g} s and was stopped."
        run.reason = "run_timeout"
        on_change(run)
    return run


def fail(run: Run, error: AgentError, on_change: OnChange = ignore) -> Run:
    """Have a run that did not start say why."""
    run.add({"type": "error", "message": error.message, "reason": error.reason})
    on_change(run)
    return run


def _cancelled(run: Run, on_change: OnChange) -> Run:
    return fail(run, AgentError("It was stopped before it began.", "run_cancelled"), on_change)


def _after(seconds: float | None, call: Callable[[], object]) -> AbstractContextManager[None]:
    return nullcontext() if seconds is None else _timer(seconds, call)


@contextmanager
def _timer(seconds: float, call: Callable[[], object]) -> Iterator[None]:
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
