"""The Tab key behind ``%agent`` and ``%%agent``: agents, worktrees, profiles, options.

It never waits long and never says anything. What the server knows is asked for in a thread; what
has not come within a moment is there at the next Tab.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..known_agents import BUILT_IN
from .magic_arguments import CELL, LINE, options_of

#: A Tab is answered within this time; what was read is good for the other.
_PATIENCE, _GOOD_FOR = 0.4, 5.0


@dataclass(frozen=True)
class Known:
    """What the server told: its agents and worktrees, in their REST form."""

    agents: tuple[Mapping[str, Any], ...] = ()
    worktrees: tuple[Mapping[str, Any], ...] = ()


class Knowledge:
    """What there is to complete with, kept for a moment."""

    def __init__(self, ask: Callable[[], Known]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: Known | None = None
        self._until = 0.0
        self._asking: threading.Thread | None = None

    def get(self) -> Known:
        """Return what is known; what is old is returned while it is asked for anew."""
        with self._lock:
            if time.monotonic() >= self._until and self._asking is None:
                self._asking = threading.Thread(target=self._refresh, daemon=True)
                self._asking.start()
            asking = self._asking
        if self._known is None and asking is not None:
            asking.join(_PATIENCE)
        return self._known or Known()

    def _refresh(self) -> None:
        try:
            self._known = self._ask()
        except Exception:
            self._known = None  # No server, or none that answers: Tab is silent.
        finally:
            with self._lock:
                self._until = time.monotonic() + _GOOD_FOR
                self._asking = None


def ask_server() -> Known:
    """Ask this kernel's server."""
    from .client import connect

    client = connect()
    return Known(tuple(client.agents()), tuple(client.worktrees()))


def completions(text: str, known: Callable[[], Known], directory: str) -> list[str]:
    """Return what may stand for the last word of a line.

    Parameters
    ----------
    text : str
        The line, from the magic up to the cursor.
    known : callable
        Called when the server's knowledge is needed.
    directory : str
        The kernel's working directory.
    """
    magic, _, rest = text.lstrip().partition(" ")
    words = rest.split()
    if magic not in (LINE, CELL) or "--" in words[: len(words) - (not rest.endswith(" "))]:
        return []
    typed = "" if not words or rest.endswith(" ") else words.pop()
    options = options_of(magic)
    name, equals, begun = typed.partition("=")
    before = words[-1] if words else ""
    if equals and name in options:
        return _starting(begun, _values(name, words, known, directory))
    if before in options and options[before].value:
        return _starting(typed, _values(before, words, known, directory))
    if typed.startswith("-"):
        return _starting(typed, [o for o in options if o not in words])
    if _agent_in(words, options) is None:
        return _starting(typed, _agent_names(known()))
    return [o for o in options if o not in words] if not typed else []


def _values(option: str, words: list[str], known: Callable[[], Known], directory: str) -> list[str]:
    if option == "--worktree":
        return _worktree_names(known(), directory)
    if option == "--profile":
        return _profiles(known(), _agent_in(words, {}))
    return []


def _agent_names(known: Known) -> list[str]:
    return [str(agent["name"]) for agent in known.agents] or list(BUILT_IN)


def _agent_in(words: list[str], options: Mapping[str, Any]) -> str | None:
    """Return the agent that is named already: the first word that belongs to no option."""
    valued = {o.name for o in options_of(CELL).values() if o.value}
    for before, word in zip(["", *words], words, strict=False):
        if not word.startswith("-") and before not in valued:
            return word
    return None


def _worktree_names(known: Known, directory: str) -> list[str]:
    """Return the branches of the repository around `directory`, or all worktrees' paths."""
    here = os.path.realpath(directory)
    around = [w for w in known.worktrees if Path(here).is_relative_to(w["path"])]
    if not around:
        return [str(w["path"]) for w in known.worktrees]
    repo = max(around, key=lambda w: len(w["path"]))["repo"]
    mine = [w for w in known.worktrees if w["repo"] == repo]
    return [str(w["branch"] or Path(w["path"]).name) for w in mine]


def _profiles(known: Known, agent: str | None) -> list[str]:
    of = [a for a in known.agents if agent is None or a["name"] == agent] or known.agents
    return list(dict.fromkeys(str(p["name"]) for a in of for p in a["profiles"]))


def _starting(begun: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(begun)]
