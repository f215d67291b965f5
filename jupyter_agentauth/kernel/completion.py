"""The Tab key behind ``%agent`` and ``%%agent``: agents, worktrees, profiles, options.

It never waits long and never says anything. What the server knows is asked for in a thread; what
has not come within a moment is there at the next Tab.
"""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..known_agents import BUILT_IN
from .magic_arguments import CELL, LINE, options_of
from .working_directory import working_directory

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

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

    def forget(self) -> None:
        """Ask anew at the next Tab: this kernel has changed something."""
        with self._lock:
            self._known, self._until = None, 0.0

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


def completions(text: str, known: Callable[[], Known], directory: str) -> tuple[str, list[str]]:
    """Return what is typed of a line's last word, or of an option's value, and what it may become.

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
    typed = "" if not words or rest.endswith(" ") else words.pop()
    if magic not in (LINE, CELL) or "--" in words:
        return typed, []
    options = options_of(magic)
    name, equals, begun = typed.partition("=")
    before = words[-1] if words else ""
    if equals and name in options:
        return _starting(begun, _values(name, words, known, directory))
    if before in options and options[before].value:
        return _starting(typed, _values(before, words, known, directory))
    if not typed.startswith("-") and _agent_in(words) is None:
        return _starting(typed, _agent_names(known()))
    return _starting(typed, [option for option in options if option not in words])


def _values(option: str, words: list[str], known: Callable[[], Known], directory: str) -> list[str]:
    if option == "--worktree":
        return _worktree_names(known(), directory)
    if option == "--profile":
        return _profiles(known(), _agent_in(words))
    return []


def _agent_names(known: Known) -> list[str]:
    return [str(agent["name"]) for agent in known.agents] or list(BUILT_IN)


def _agent_in(words: list[str]) -> str | None:
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


def _starting(begun: str, names: list[str]) -> tuple[str, list[str]]:
    return begun, [shlex.quote(name) for name in names if name.startswith(begun)]


def register(shell: InteractiveShell, knowledge: Knowledge) -> None:
    """Have the Tab key of a shell, or of the page that its kernel serves, use this."""

    def find(line: str) -> tuple[str, list[str]]:
        return completions(line, knowledge.get, working_directory())

    completer: Any = shell.Completer
    try:
        # Jedi would take `%agent cl` for Python, and is not kept from it by the older hook.
        completer.custom_matchers.append(_matcher(find))
        return
    except ImportError:
        pass  # IPython before 8.6.

    def hook(_shell: InteractiveShell, event: Any) -> list[str]:
        return find(event.text_until_cursor.rpartition("\n")[2])[1]

    for name in (LINE, CELL):
        shell.set_hook("complete_command", hook, str_key=name)  # type: ignore[no-untyped-call]


def unregister(shell: InteractiveShell) -> None:
    """Take it away again."""
    completer: Any = shell.Completer
    matchers = getattr(completer, "custom_matchers", [])
    matchers[:] = [m for m in matchers if getattr(m, "matcher_identifier", "") != _MATCHER]
    for name in (LINE, CELL):
        # The dispatcher itself has no way to take one away (IPython 9.18).
        completer.custom_completers.strs.pop(name, None)


_MATCHER = "jupyter_agentauth"


def _matcher(find: Callable[[str], tuple[str, list[str]]]) -> Callable[[Any], Any]:
    """Return a matcher as IPython has them since 8.6, which keeps the others out."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier=_MATCHER)  # type: ignore[untyped-decorator]
    def matcher(context: Any) -> dict[str, Any]:
        typed, names = find(context.text_until_cursor)
        return {
            "completions": [SimpleCompletion(text=name, type="magic") for name in names],
            "matched_fragment": typed,
            "suppress": True,
            "ordered": True,
        }

    return cast("Callable[[Any], Any]", matcher)
