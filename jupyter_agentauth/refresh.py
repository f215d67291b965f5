"""Let one container at a time refresh an expired sign-in.

Refresh tokens are single-use, and a provider that sees one twice ends all sign-ins that came
of it. Codex 0.169.0 and OpenCode 1.18.33 do not lock their refresh against other containers, so
containers that start at once on an expired token signed each other out (seen;
`tests/agents/test_refresh.py`). They refresh under a lock of ours before they start. Gemini CLI
0.61.0 refreshes as it starts: the first container does, and the others wait until it has.
"""

from __future__ import annotations

import os
import posixpath
import shlex
import time

from .authstore import AuthStore
from .known_agents import Agent
from .launch_plan import LaunchPlan
from .signin_forms import SignIn
from .split import stored_path
from .store_layout import store_path

#: A token that ends while the agent starts counts as expired.
_SECONDS_LEFT = 300

#: How long a container waits for another one's refresh before it starts all the same.
_PATIENCE = 60

#: How long the first container has, in seconds, for an agent that refreshes as it starts.
_HEAD_START = 15


def with_refresh(plan: LaunchPlan, agent: Agent, state: SignIn, seen: str) -> LaunchPlan:
    """Put the refresh in front of the plan's command, where it is needed.

    Parameters
    ----------
    agent : Agent
        Its ``refresh`` arguments make it refresh an expired sign-in and end; or it
        ``refreshes_at_start``.
    state : SignIn
        What the store says now.
    seen : str
        Inode, size and time of the credentials file as `stamp` gives them: a container
        that finds another file when its turn comes has nothing left to do.

    Returns
    -------
    LaunchPlan
        Unchanged unless sign-ins are shared and this one is expired, or nearly.
    """
    expires = state.expires
    needed = state.signed_in and expires is not None and expires < time.time() + _SECONDS_LEFT
    if not (plan.share_auth and needed and (agent.refresh or agent.refreshes_at_start)):
        return plan
    stored = stored_path(agent, agent.credential_files[0], plan.share_scope)
    file = f"{plan.home}/{stored}"
    lock = shlex.quote(f"{posixpath.dirname(file)}/.agentauth-refresh.lock")
    changed = f'[ "$(stat -c %i:%s:%Y {shlex.quote(file)})" != {seen} ]'
    turn = _refresh_first(agent, lock, changed) if agent.refresh else _one_first(lock, changed)
    # Whatever becomes of it, the agent itself says best what is wrong with its sign-in.
    return plan.run_before(turn)


def _refresh_first(agent: Agent, lock: str, changed: str) -> str:
    """Refresh under the lock, unless another container has."""
    env = (f"{name}={value}" for name, value in agent.refresh_env.items())
    refresh = shlex.join(["env", *env, *agent.command, *agent.refresh])
    script = shlex.quote(f"{changed} || {refresh}")
    return f"flock --wait {_PATIENCE} {lock} sh -c {script} </dev/null >/dev/null 2>&1"


def _one_first(lock: str, changed: str) -> str:
    """Go on as the first, or when the first one's agent has refreshed."""
    # It holds the lock, beside its agent, until the file is another one.
    hold = f"for _ in $(seq {10 * _HEAD_START}); do {changed} && break; sleep 0.1; done"
    return (
        "{ if flock --nonblock 9; "
        f"then ({hold}) </dev/null >/dev/null 2>&1 & "
        f"else flock --wait {_HEAD_START} 9; fi; }} 9>>{lock}"
    )


def stamp(store: AuthStore, agent: Agent, profile: str, scope: str) -> str:
    """Return what tells one version of an agent's credentials file from the next.

    ``0`` when it is missing, or the agent has none.
    """
    if not agent.credential_files:
        return "0"
    file = stored_path(agent, agent.credential_files[0], scope)
    path = store_path(str(store.root), agent.name, profile, file)
    try:
        status = os.stat(path, follow_symlinks=False)
    except OSError:
        return "0"
    return f"{status.st_ino}:{status.st_size}:{int(status.st_mtime)}"
