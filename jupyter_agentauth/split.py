"""What ``share_scope = "credentials"`` shares: an agent's credential files, and nothing else.

::

    config        store/<agent>/.codex/  ──────────────── mounted at ──► ~/.codex
    credentials   store/<agent>/.agentauth-credentials/ ─ mounted at ──► ~/.agentauth-credentials
                                      auth.json  ◄── link ────────────── ~/.codex/auth.json

A directory is shared here, too, since a mounted file can be neither renamed over nor locked
together with its neighbours. Settings and history lie in the session's own memory.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator, Mapping

from .agents import Agent

#: Below HOME in the container, and below the agent's directory in the store.
CREDENTIALS_DIR = ".agentauth-credentials"

#: The two values of ``share_scope``.
CONFIG, CREDENTIALS = "config", "credentials"


def can_be_split(agent: Agent) -> bool:
    """Whether the agent's credentials can be shared without its settings and history."""
    return bool(agent.credential_files)


def split_path(file: str) -> str:
    """Return where a credential file lies when it is shared alone, below HOME."""
    return posixpath.join(CREDENTIALS_DIR, posixpath.basename(file))


def stored_path(agent: Agent, file: str, scope: str) -> str:
    """Return where a file of an agent lies in the store, below the agent's directory."""
    return split_path(file) if scope == CREDENTIALS and file in agent.credential_files else file


def links(agent: Agent, home: str) -> Iterator[str]:
    """Yield the shell commands that lead an agent's credential files to the shared directory.

    Its home is new in every session, so nothing is in the way.
    """
    if agent.credentials_env:
        return
    for file in agent.credential_files:
        link = posixpath.join(home, file)
        yield f"mkdir -p {shlex.quote(posixpath.dirname(link))}"
        yield f"ln -s {shlex.quote(posixpath.join(home, split_path(file)))} {shlex.quote(link)}"


def settings_of_sign_in(agent: Agent, written: Callable[[str], float | None]) -> Mapping[str, str]:
    """Return the settings files that a stored sign-in needs in a home without any.

    Parameters
    ----------
    written : callable
        When a credential file was last written, in seconds; ``None`` when it is missing or
        empty. Of several kinds of sign-in the last one counts.
    """
    times = {file: written(file) for file in agent.sign_in_settings}
    found = {file: time for file, time in times.items() if time is not None}
    if not found:
        return {}
    path, text = agent.sign_in_settings[max(found, key=lambda file: found[file])]
    return {path: text}


def write_once(files: Mapping[str, str], home: str) -> Iterator[str]:
    """Yield the shell commands that make files in the session's own home."""
    for file, text in files.items():
        path = shlex.quote(posixpath.join(home, file))
        directory = shlex.quote(posixpath.dirname(posixpath.join(home, file)))
        yield f"mkdir -p {directory}"
        yield f"(umask 077; printf %s {shlex.quote(text)} >{path})"
