"""Several agents side by side: a worktree for each, its run in it, and the check afterwards."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass

from .client import Client
from .errors import AgentError
from .results import Results
from .run import Run
from .run_parts import Check
from .run_work import fail, work_on
from .shown_text import in_one_line, name_text
from .tasks import Task, branch_names
from .work import Stop, in_thread
from .working_directory import working_directory
from .worktree_choice import worktrees_around

#: Another branch is tried then.
_TAKEN = ("branch_exists", "branch_checked_out", "path_exists")

#: Of what a check prints, in lines.
_LAST_LINES = 20

#: What a check prints is one text, and it leaves no files that would be applied with the rest.
_CHECK = "exec 2>&1\nexport PYTHONDONTWRITEBYTECODE=1\n{}"


@dataclass(frozen=True)
class Base:
    """Where the worktrees come from.

    Parameters
    ----------
    repo : str
        A worktree of the repository.
    commit : str
        What their branches begin at.
    changed : int
        Files in that worktree that no commit has, and so no agent sees.
    """

    repo: str
    commit: str
    changed: int | None


def find_base(client: Client, directory: str, base: str | None) -> Base:
    """Return what is common to the worktrees of all tasks.

    Raises
    ------
    AgentError
        With reason ``no_repository``.
    """
    around = worktrees_around(client.worktrees(), directory)
    if not around:
        raise AgentError(
            f"{directory} is in no git worktree under the server's root, and each task needs a "
            "worktree of its own: name a repository with worktree=.",
            "no_repository",
        )
    own = around[0]
    changed = 0 if base is not None else own.get("changes")
    return Base(str(own["path"]), base or str(own.get("head") or "HEAD"), changed)


class Gathering:
    """The tasks of one `gather`, at most some of them at a time.

    Parameters
    ----------
    check : str or sequence of str, optional
        A command for bash, or its words.
    timeout : float, optional
        Seconds for each run, and for each check.
    on_change : callable
        Called with a run, from several threads.

    Attributes
    ----------
    results : Results
        A run for each task, in their order, from the beginning.
    """

    def __init__(
        self,
        client: Client,
        tasks: Sequence[Task],
        base: Base,
        stop: Stop,
        *,
        check: str | Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> None:
        self._client, self._base, self._stop = client, base, stop
        self._check = check if check is None or isinstance(check, str) else shlex.join(check)
        self._timeout = timeout
        self._tasks = list(tasks)
        self._adding = threading.Lock()
        self.on_change: Callable[[Run], object] = lambda run: None
        self.results = Results([_run(client, task) for task in tasks])
        if base.changed != 0:
            self.results.warnings.append(
                f"No agent sees what is not committed in {in_one_line(base.repo, 1000)} "
                f"(changed files: {'unknown' if base.changed is None else base.changed})."
            )

    def work(self, max_parallel: int) -> Results:
        """Do all tasks; none takes another with it."""
        waiting = iter(zip(self._tasks, self.results, strict=True))
        taking = threading.Lock()

        def work() -> None:
            while True:
                with taking:
                    task, run = next(waiting, (None, None))
                if task is None or run is None:
                    return
                self._do(task, run)

        count = min(max_parallel, len(self._tasks))
        workers = [in_thread(work, f"agents {number}") for number in range(count)]
        try:
            for worker in workers:
                worker.result()
        except BaseException:
            self._stop.now()  # A fault of ours: nothing is left that nobody looks after.
            wait(workers)
            raise
        return self.results

    def _do(self, task: Task, run: Run) -> None:
        try:
            if not self._stop.is_set:
                self._add_worktree(task, run)
            self._run(task, run)
        except AgentError as error:
            fail(run, error, self.on_change)
        self._take_back(run)
        if run.ok and self._check is not None and not self._stop.is_set:
            run.check = self._checked(run, self._check)
            self.on_change(run)

    def _run(self, task: Task, run: Run) -> None:
        work_on(
            self._client,
            run,
            self._stop,
            args=task.args,
            share=task.share,
            timeout=self._timeout,
            on_change=self.on_change,
        )

    def _add_worktree(self, task: Task, run: Run) -> None:
        # One after the other: two that want the same name get two names.
        with self._adding:
            for branch in branch_names(task):
                try:
                    made = self._client.add_worktree(
                        self._base.repo, branch, task.base or self._base.commit
                    )
                except AgentError as error:
                    if error.reason not in _TAKEN:
                        raise
                else:
                    run.worktree, run.branch = str(made["path"]), branch
                    return
        raise AgentError(f"There are too many branches {branch}: remove some.", "branch_exists")

    def _take_back(self, run: Run) -> None:
        """Remove the worktree of a run that never started."""
        if run.worktree and not run.id:
            with suppress(AgentError):
                self._client.discard_worktree(run.worktree)
                run.worktree, run.branch = "", None

    def _checked(self, run: Run, command: str) -> Check:
        check = Run("bash", "", run.worktree, client=self._client)
        check.name = "The check"
        try:
            words = ("-c", _CHECK.format(command))
            work_on(self._client, check, self._stop, args=words, share=False, timeout=self._timeout)
        except AgentError as error:
            return Check(command, None, problem=error.message)
        if check.changes:
            paths = ", ".join(name_text(change.path, 200) for change in check.changes[:5])
            run.warnings.append(f"The check changed files, which apply() would merge, too: {paths}")
        last = "\n".join(check.text.splitlines()[-_LAST_LINES:])
        problem = check.problem if check.exit_code is None else None
        return Check(command, check.exit_code, last, problem)


def _run(client: Client, task: Task) -> Run:
    run = Run(task.agent, task.prompt or "", profile=task.profile, client=client)
    run.name = task.name or task.agent
    return run


def directory_of(worktree: str | os.PathLike[str] | None) -> str:
    """Return a directory of the repository that somebody means."""
    directory = working_directory()
    if worktree is None:
        return directory
    return os.path.normpath(os.path.join(directory, os.path.expanduser(worktree)))
