"""Coding agents in Docker containers, in Jupyter terminals, signed in once.

Every way in (launcher, magic, command, REST) walks the same five rooms, one way::

    request ──► plan ─────────► prepare ────────► open ────────────► show
    (agent,     plan.py: pure,  prepare.py: the   sessions.py: a     the terminal in
     worktree,  LaunchPlan:     host side of it,  terminado          JupyterLab, or
     options)   image, mounts,  a mount that      terminal that      the user's own
                env, labels,    fails is dropped  runs the plan's
                limits          with a warning    `docker run`

``known_agents.py`` is the table of what each agent CLI is, ``authstore.py`` the directories in
which sign-ins live, ``gitguard.py`` what keeps a container from running code on the host
through git, ``engine.py`` the container engine, ``service.py`` the one door to all of
it for the commands and the server. ``live_session.py`` follows a session for as long as it
runs, ``terminals.py`` keeps its terminal apart from ordinary ones, ``sessions_before.py``
goes on with what an earlier server left running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .kernel.panel import AgentPanel

__all__ = ["AgentPanel", "__version__"]


def __getattr__(name: str) -> object:
    """Import what is for kernels when it is asked for: a server imports no ipywidgets."""
    if name == "AgentPanel":
        from .kernel.panel import AgentPanel

        return AgentPanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from .server.app import AgentAuthExtension

    return [{"module": "jupyter_agentauth", "app": AgentAuthExtension}]


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Load ``%agent``, ``%agents`` and ``%%agent`` with ``%load_ext jupyter_agentauth``."""
    from .kernel.magics import load

    load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take them away with ``%unload_ext jupyter_agentauth``."""
    from .kernel.magics import unload

    unload(ipython)
