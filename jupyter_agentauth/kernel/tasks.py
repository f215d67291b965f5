"""What `gather` is asked to do, and how the branches of its worktrees are named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .errors import AgentError

#: Of the words that a branch is named by, in characters.
_LONGEST_SLUG = 32


@dataclass(frozen=True)
class Task:
    """One agent on one prompt, in a worktree of its own.

    Parameters
    ----------
    agent : str
    prompt : str, optional
        `gather`'s own by default.
    name : str, optional
        Names its branch and its row of the table; the prompt's first words name the branch by
        default, and the agent the row.
    args : tuple of str
        Further arguments of the agent.
    profile : str, optional
        One of several accounts.
    share : bool, optional
        Whether it has the shared sign-in; as the setting says by default.
    base : str, optional
        The commit that its branch begins at; `gather`'s own by default.
    """

    agent: str
    prompt: str | None = None
    name: str | None = None
    args: tuple[str, ...] = ()
    profile: str | None = None
    share: bool | None = None
    base: str | None = None


def as_tasks(
    tasks: Iterable[Task | str | tuple[str, str]],
    prompt: str | None,
    profile: str | None,
    share: bool | None,
) -> list[Task]:
    """Return tasks that say all, from what is short to type.

    Raises
    ------
    AgentError
        With reason ``bad_tasks``.
    """
    if isinstance(tasks, (str, Task)):
        raise AgentError(
            'The tasks are a list, such as ["claude", "codex"]; for one agent there is agents.run.',
            "bad_tasks",
        )
    whole = []
    for given in tasks:
        task = _task(given)
        task = replace(
            task,
            prompt=prompt if task.prompt is None else task.prompt,
            profile=task.profile or profile,
            share=share if task.share is None else task.share,
        )
        if not (task.prompt or "").strip():
            raise AgentError(
                f"There is no prompt for {task.agent}: give prompt=, or a Task with its own.",
                "bad_prompt",
            )
        whole.append(task)
    if not whole:
        raise AgentError('There is no task: name agents, such as ["claude", "codex"].', "bad_tasks")
    return whole


def branch_names(task: Task) -> Iterator[str]:
    """Yield names for a task's branch, the second for when the first is taken, and so on."""
    agent = slug(task.agent.rpartition("/")[2])
    first = f"agents/{slug(task.name or task.prompt or '')}-{agent}"
    yield first
    for number in range(2, 1000):
        yield f"{first}-{number}"


def slug(text: str) -> str:
    """Return the first words of a text as a part of a branch's name."""
    plain = unicodedata.normalize("NFKD", text[:1000]).encode("ascii", "ignore").decode().lower()
    kept = ""
    for word in re.findall(r"[a-z0-9]+", plain):
        if kept and len(kept) + 1 + len(word) > _LONGEST_SLUG:
            break
        kept = f"{kept}-{word}"[: _LONGEST_SLUG + 1] if kept else word[:_LONGEST_SLUG]
    return kept or "task"


def _task(given: object) -> Task:
    if isinstance(given, Task):
        return given
    if isinstance(given, str):
        return Task(given)
    if isinstance(given, tuple) and len(given) == 2 and all(isinstance(g, str) for g in given):
        return Task(*given)
    raise AgentError(
        f'{given!r} is no task: give "claude", ("claude", prompt) or Task("claude", …).',
        "bad_tasks",
    )
