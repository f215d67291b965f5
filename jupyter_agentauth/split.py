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

from .known_agents import Agent

#: Below HOME in the container, and below the agent's directory in the store.
CREDENTIALS_DIR = ".agentauth-credentials"

#: The two values of ``share_scope``.
CONFIG, CREDENTIALS = "config", "credentials"

#: Runs the agent and keeps the links. Codex 0.169.0 removes `auth.json` when a sign-in by device
#: code begins, and Gemini 0.61.0 removes the files of the kind of sign-in that is not chosen: what
#: is then in a link's place is moved to where it leads, and where nothing is, the CLI has signed
#: out. The agent gets its own standard input, the signals that a shell keeps from what it starts
#: in the background, and those that end the container.
_RUN_AND_KEEP = r"""
keep() {
    [ ! -L "$1" ] || return 0
    if [ -e "$1" ]; then
        [ -s "$1" ] && new=$(mktemp "$2.XXXXXX") || return 0
        # Not what is still being written.
        if ! { cp "$1" "$new" && sleep 0.2 && cmp -s "$1" "$new" && mv "$new" "$2"; }; then
            rm -f "$new"
            return 0
        fi
    else
        rm -f "$2"
    fi
    ln -s "$2" "$1.$$" && mv -T "$1.$$" "$1"
}
env --default-signal=INT true 2>/dev/null || exec "$@"
exec 3<&0
env --default-signal=INT,QUIT "$@" <&3 3<&- &
agent=$!
exec 3<&-
trap : INT QUIT
trap 'kill -TERM $agent' TERM
trap 'kill -HUP $agent' HUP
(while sleep 1; do keep_all; done) </dev/null >/dev/null 2>&1 &
wait $agent
code=$?
while kill -0 $agent 2>/dev/null; do
    wait $agent
    code=$?
done
# A signal may have broken off the wait that saw the end; 127 says that none did.
wait $agent
said=$?
[ $said = 127 ] || code=$said
keep_all
exit $code
""".strip()


def other_scope(scope: str) -> str:
    """Return the one of the two values of ``share_scope`` that this is not."""
    return CONFIG if scope == CREDENTIALS else CREDENTIALS


def can_be_split(agent: Agent) -> bool:
    """Whether the agent's credentials can be shared without its settings and history."""
    return bool(agent.credential_files)


def split_path(file: str) -> str:
    """Return where a credential file lies when it is shared alone, below HOME."""
    return posixpath.join(CREDENTIALS_DIR, posixpath.basename(file))


def stored_path(agent: Agent, file: str, scope: str) -> str:
    """Return where a file of an agent lies in the store, below the agent's directory."""
    return split_path(file) if scope == CREDENTIALS and file in agent.credential_files else file


def make_links(agent: Agent, home: str) -> Iterator[str]:
    """Yield the shell commands that lead an agent's credential files to the shared directory.

    Its home is new in every session, so nothing is in the way. Where the shared directory could
    not be mounted, they lead to one that ends with the session.
    """
    yield shlex.join(["mkdir", "-p", posixpath.join(home, CREDENTIALS_DIR)])
    for link, target in _links(agent, home):
        yield shlex.join(["mkdir", "-p", posixpath.dirname(link)])
        yield f"ln -s {shlex.quote(target)} {shlex.quote(link)}"


def run_and_keep_links(agent: Agent, home: str) -> str:
    """Return the shell commands that run ``"$@"`` and keep the links meanwhile."""
    kept = [shlex.join(["keep", *link]) for link in _links(agent, home)]
    return "\n".join(("keep_all() {", *kept, "}", _RUN_AND_KEEP)) if kept else ""


def _links(agent: Agent, home: str) -> Iterator[tuple[str, str]]:
    """Yield each link with where it leads; none where a variable leads the agent."""
    for file in () if agent.credentials_env else agent.credential_files:
        yield posixpath.join(home, file), posixpath.join(home, split_path(file))


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
