"""Coding agents as Python objects, for notebooks and scripts.

>>> from jupyter_agentauth import agents
>>> run = agents.run("claude", "Write notes.txt.", worktree="first", create=True)
>>> run.raise_for_status().text
'Done by the stand-in.'
>>> [(change.path, change.added) for change in run.changes]
[('notes.txt', 1)]

`gather` lets several work side by side, each in a git worktree of its own:

>>> results = agents.gather(["claude", "claude"], prompt="Write notes.txt.", check="ls notes.txt")
>>> [row["check"] for row in results.table]
[True, True]
>>> results[0].apply().into
'main'
>>> [discarded.branch for discarded in results.discard_all(except_=results[0])]
['agents/write-notes-txt-claude-2']

`run_async` and `gather_async` are the same for ``await``. All of them ask the Jupyter server that
the kernel belongs to, see `jupyter_agentauth.kernel.servers`, and raise `AgentError` with one
sentence when it cannot be done. A run that fails is a `Run` that says so: `Run.raise_for_status`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from .kernel.calls import Path, Several, Single, interrupted
from .kernel.errors import AgentError, RunFailed, RunInterrupted, ServerError, ServerNotFound
from .kernel.outcomes import Applied, Discarded
from .kernel.results import Results
from .kernel.run import Run
from .kernel.run_parts import Change, Check, ToolCall
from .kernel.tasks import Task
from .kernel.work import wait, wait_async

__all__ = [
    "AgentError",
    "Applied",
    "Change",
    "Check",
    "Discarded",
    "Results",
    "Run",
    "RunFailed",
    "RunInterrupted",
    "ServerError",
    "ServerNotFound",
    "Task",
    "ToolCall",
    "gather",
    "gather_async",
    "run",
    "run_async",
]


def run(
    agent: str,
    prompt: str,
    *,
    worktree: Path | None = None,
    create: bool = False,
    profile: str | None = None,
    share: bool | None = None,
    args: Sequence[str] = (),
    resume: Run | str | None = None,
    timeout: float | None = None,
    on_change: Callable[[Run], object] | None = None,
) -> Run:
    """Let an agent work on a prompt in a container, and wait for its end.

    Parameters
    ----------
    agent : str
        Its name in the table of agents, such as ``claude``.
    prompt : str
    worktree : path or str, optional
        Where it works: a directory, or the branch of a worktree of the repository that holds the
        working directory; the working directory by default.
    create : bool
        Make that worktree, on a new branch, if there is none.
    profile : str, optional
        One of several accounts.
    share : bool, optional
        Whether it has the shared sign-in; as the setting says by default.
    args : sequence of str
        Further arguments of the agent.
    resume : Run or str, optional
        Go on with the conversation of an earlier run, in its worktree and with its account.
    timeout : float, optional
        Seconds after which it is cancelled: ``run.reason`` is ``run_timeout`` then.
    on_change : callable, optional
        Called with the run whenever it has more to say, from another thread.

    Returns
    -------
    Run
        Also when the agent failed.

    Raises
    ------
    AgentError
        When it was not started.
    RunInterrupted
        A `KeyboardInterrupt`: the run is cancelled, its container gone, and ``run`` of the
        exception holds what was told until then.

    Examples
    --------
    >>> run = agents.run("claude", "Write notes.txt.", worktree="notes", create=True)
    >>> run.state, run.exit_code
    ('done', 0)
    >>> run.apply().branch
    'notes'
    >>> run.discard().kept
    'refs/agentauth/discarded/notes'
    """
    work = Single(prompt, agent, on_change, timeout, tuple(args), share)
    try:
        return wait(lambda: work.begin(worktree, create, profile, resume), work.stop)
    except KeyboardInterrupt:
        raise interrupted([work.run] if work.run else [], run=work.run) from None


async def run_async(
    agent: str,
    prompt: str,
    *,
    worktree: Path | None = None,
    create: bool = False,
    profile: str | None = None,
    share: bool | None = None,
    args: Sequence[str] = (),
    resume: Run | str | None = None,
    timeout: float | None = None,
    on_change: Callable[[Run], object] | None = None,
) -> Run:
    """Do as `run`, without holding up the event loop.

    When its task is cancelled, the run is cancelled, too, and its container is gone when the
    `asyncio.CancelledError` comes; that has the run as ``run``.

    Examples
    --------
    >>> async def both():
    ...     one = agents.run_async("claude", "Write notes.txt.", worktree="one", create=True)
    ...     two = agents.run_async("claude", "Write notes.txt.", worktree="two", create=True)
    ...     return await asyncio.gather(one, two)
    >>> [run.state for run in asyncio.run(both())]
    ['done', 'done']
    """
    work = Single(prompt, agent, on_change, timeout, tuple(args), share)
    try:
        return await wait_async(work.begin(worktree, create, profile, resume), work.stop)
    except asyncio.CancelledError as cancelled:
        vars(cancelled)["run"] = work.run
        raise


def gather(
    tasks: Iterable[Task | str | tuple[str, str]],
    *,
    prompt: str | None = None,
    worktree: Path | None = None,
    base: str | None = None,
    check: str | Sequence[str] | None = None,
    profile: str | None = None,
    share: bool | None = None,
    timeout: float | None = None,
    max_parallel: int = 4,
    display: bool | None = None,
) -> Results:
    """Let several agents work side by side, each in a new git worktree, and compare them.

    A task that fails is a run in the state ``failed`` and takes no other with it.

    Parameters
    ----------
    tasks : iterable
        Agents' names, pairs of an agent and a prompt, or `Task`.
    prompt : str, optional
        For the tasks that have none of their own.
    worktree : path, optional
        A directory of the repository; the working directory by default.
    base : str, optional
        The commit that the branches begin at; ``HEAD`` of that worktree by default. What is not
        committed is not seen.
    check : str or sequence of str, optional
        A command for bash that is run in each worktree whose agent ended without an error, in a
        container without credentials; see `Run.check`.
    profile, share
        As for `run`.
    timeout : float, optional
        Seconds for each run, and for each check.
    max_parallel : int
        How many run at a time.
    display : bool, optional
        Show the progress: in a notebook's output, or as lines on stderr. By default where
        somebody sees it.

    Returns
    -------
    Results
        In the order of the tasks.

    Raises
    ------
    AgentError
        When nothing was started.
    RunInterrupted
        A `KeyboardInterrupt`: all runs are cancelled, their containers gone, and ``results`` of
        the exception holds what was told until then.

    Examples
    --------
    >>> tasks = [
    ...     agents.Task("claude", "Write notes.txt, in short.", name="short"),
    ...     ("nonesuch", "Write notes.txt."),
    ... ]
    >>> results = agents.gather(tasks, check="test -s notes.txt")
    >>> [(row["name"], row["state"], row["check"]) for row in results.table]
    [('short', 'done', True), ('nonesuch', 'failed', None)]
    >>> results.passed == [results[0]]
    True
    """
    work = Several(tasks, prompt, profile, share, timeout, max_parallel)
    try:
        return wait(lambda: work.begin(worktree, base, check, display), work.stop)
    except KeyboardInterrupt:
        raise interrupted(work.results or (), results=work.results) from None


async def gather_async(
    tasks: Iterable[Task | str | tuple[str, str]],
    *,
    prompt: str | None = None,
    worktree: Path | None = None,
    base: str | None = None,
    check: str | Sequence[str] | None = None,
    profile: str | None = None,
    share: bool | None = None,
    timeout: float | None = None,
    max_parallel: int = 4,
    display: bool | None = None,
) -> Results:
    """Do as `gather`, without holding up the event loop.

    When its task is cancelled, all runs are, too; the `asyncio.CancelledError` has what was told
    until then as ``results``.
    """
    work = Several(tasks, prompt, profile, share, timeout, max_parallel)
    try:
        return await wait_async(work.begin(worktree, base, check, display), work.stop)
    except asyncio.CancelledError as cancelled:
        vars(cancelled)["results"] = work.results
        raise
