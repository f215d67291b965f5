"""What `agents.run` and `agents.gather` do, in threads, until it is done or to be stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .errors import AgentError, RunInterrupted
from .results import Results
from .run import Run
from .tasks import Task, as_tasks
from .work import Stop, in_thread
from .working_directory import working_directory

if TYPE_CHECKING:
    from .client import Client

Path: TypeAlias = str | os.PathLike[str]


class Single:
    """What `run` does in a thread."""

    def __init__(
        self,
        prompt: str,
        agent: str,
        on_change: Callable[[Run], object] | None,
        timeout: float | None,
        args: tuple[str, ...],
        share: bool | None,
    ) -> None:
        self.stop = Stop()
        self.run: Run | None = None
        self._agent, self._prompt = agent, prompt
        self._on_change, self._timeout = on_change, timeout
        self._args, self._share = args, share

    def begin(
        self, worktree: Path | None, create: bool, profile: str | None, resume: Run | str | None
    ) -> Future[Run]:
        """Begin; it ends when the run does."""
        directory = working_directory()
        return in_thread(
            lambda: self._work(directory, worktree, create, profile, resume),
            f"agents.run {self._agent}",
        )

    def _work(
        self,
        directory: str,
        worktree: Path | None,
        create: bool,
        profile: str | None,
        resume: Run | str | None,
    ) -> Run:
        from .client import connect
        from .run_work import ignore, work_on

        before = _before(resume)
        client = connect()
        where = _where(client, worktree, before, directory, create)
        run = Run(
            self._agent, self._prompt, where, profile=profile or before.profile, client=client
        )
        self.run = run
        return work_on(
            client,
            run,
            self.stop,
            args=self._args,
            share=before.share if self._share is None else self._share,
            resume=before.conversation,
            timeout=self._timeout,
            on_change=self._on_change or ignore,
        )


class Several:
    """What `gather` does in threads."""

    def __init__(
        self,
        tasks: Iterable[Task | str | tuple[str, str]],
        prompt: str | None,
        profile: str | None,
        share: bool | None,
        timeout: float | None,
        max_parallel: int,
    ) -> None:
        if max_parallel < 1:
            raise AgentError("max_parallel is at least 1.", "bad_max_parallel")
        self.stop = Stop()
        self.results: Results | None = None
        self._tasks = as_tasks(tasks, prompt, profile, share)
        self._timeout, self._max_parallel = timeout, max_parallel

    def begin(
        self,
        worktree: Path | None,
        base: str | None,
        check: str | Sequence[str] | None,
        display: bool | None,
    ) -> Future[Results]:
        """Begin; it ends when the last run does."""
        from .gathering import directory_of

        directory = directory_of(worktree)
        return in_thread(lambda: self._work(directory, base, check, display), "agents.gather")

    def _work(
        self,
        directory: str,
        base: str | None,
        check: str | Sequence[str] | None,
        display: bool | None,
    ) -> Results:
        from .client import connect
        from .gathering import Gathering, find_base
        from .progress import progress_of

        client = connect()
        found = find_base(client, directory, base)
        gathering = Gathering(
            client, self._tasks, found, self.stop, check=check, timeout=self._timeout
        )
        self.results = gathering.results
        progress = progress_of(gathering.results, display)
        gathering.on_change = progress.update
        try:
            return gathering.work(self._max_parallel)
        finally:
            progress.close()


@dataclass(frozen=True)
class _Before:
    """What a run takes over from the one that it goes on with."""

    conversation: str | None = None
    worktree: str | None = None
    profile: str | None = None
    share: bool | None = None


def _before(resume: Run | str | None) -> _Before:
    if not isinstance(resume, Run):
        return _Before(resume)
    if resume.conversation is None:
        why = "it still runs" if not resume.ended else "it left no conversation"
        raise AgentError(f"There is nothing to resume: {why}.", "nothing_to_resume")
    return _Before(resume.conversation, resume.worktree or None, resume.profile, resume.share_auth)


def _where(
    client: Client, worktree: Path | None, before: _Before, directory: str, create: bool
) -> str:
    from .worktree_choice import choose_worktree

    if worktree is None:
        return before.worktree or directory
    if isinstance(worktree, os.PathLike):
        return os.path.realpath(os.path.join(directory, os.path.expanduser(worktree)))
    return choose_worktree(client, worktree, directory, create)


def interrupted(
    runs: Iterable[Run], *, run: Run | None = None, results: Results | None = None
) -> RunInterrupted:
    """Return what is raised when runs were stopped from the keyboard."""
    where = "run" if results is None else "results"
    told = [one for one in runs if one.id]
    left = [one.id for one in told if not one.ended]
    said = "Interrupted."
    if told:
        said += f" What was told until then is in `sys.last_value.{where}`."
    if left:
        said += f" Not stopped yet: {', '.join(left)}; `jupyter agentauth stop ID` ends them."
    return RunInterrupted(said, run=run, results=results)
