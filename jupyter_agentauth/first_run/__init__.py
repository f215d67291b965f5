"""Spare a signed-in user an agent's first questions in every new container and worktree.

Only what the user would have to answer again: nothing is changed for somebody who is not
signed in, no folder is trusted but the session's own worktree, and what the CLI or the user
has written stays. Gemini CLI's trust is a variable in the table of agents; OpenCode asks
nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ..authstore import AuthStore
from . import claude, codex, copilot
from .stored import edit

__all__ = ["answer_first_questions", "answers_in_new_home"]


@dataclass(frozen=True)
class _Answer:
    """Where an agent keeps its answers.

    Parameters
    ----------
    file : str
        Below HOME.
    answered : callable
        From its text, or ``None`` when there is no file, and the worktree to the text that
        answers; ``None`` when it does. A `ValueError` says that it has another form.
    lock : callable
        From its path what to hold meanwhile.
    """

    file: str
    answered: Callable[[str | None, str], str | None]
    lock: Callable[[str], AbstractContextManager[None]]


_ANSWERS: Mapping[str, _Answer] = {
    "claude": _Answer(".claude/.claude.json", claude.answered, claude.lock),
    "codex": _Answer(".codex/config.toml", codex.answered, codex.lock),
    "copilot": _Answer(".copilot/config.json", copilot.answered, copilot.lock),
}


def answer_first_questions(agent: str, store: AuthStore, root: str, worktree: str) -> None:
    """Store the answers that an agent asks for before its prompt.

    Parameters
    ----------
    agent : str
        Its name; for an agent that asks nothing, nothing is done.
    root : str
        The agent's directory in the store; its sign-in is there.
    worktree : str
        The session's own. Each CLI takes its trust for the directories below it, too.

    Raises
    ------
    StoreError
        When the agent's file cannot be read, locked or written; it is untouched then.
    """
    answer = _ANSWERS.get(agent)
    if answer is not None:
        path = os.path.join(root, answer.file)
        with answer.lock(path):
            edit(store, path, lambda text: answer.answered(text, worktree))


def answers_in_new_home(agent: str, worktree: str) -> dict[str, str]:
    """Return the files below a new home that hold the same answers, with their text."""
    answer = _ANSWERS.get(agent)
    text = answer.answered(None, worktree) if answer else None
    return {answer.file: text} if answer and text else {}
