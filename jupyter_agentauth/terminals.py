"""Terminals of agents, among jupyter_server_terminals' own.

`with_agents` puts a few rules in front of the server's terminal manager. They are for
terminals whose name is of ours; all others are made, read and ended as they always were.

- Nothing but a session is ever opened under a name of ours. JupyterLab 4 restores a tab by
  posting its old name to ``/api/terminals`` (seen), which starts a shell of the host
  (jupyter_server_terminals 0.5.4): where an agent was, that would be a trap.
- Such a terminal shows a container. Its process is only the engine's client, which can end
  (killed, or with the server) and be replaced while the agent goes on.
- Shutting the terminal down stops the session; the end of the server does not.
- It is not culled when idle, since that would end the client and free nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jupyter_server_terminals.terminalmanager import TerminalManager
from terminado.management import PtyWithClients
from tornado.ioloop import IOLoop
from tornado.web import HTTPError

from .agent_terminal import AgentTerminal, Size
from .errors import AgentAuthError, Unavailable
from .replay import Replay
from .session import TERMINAL_PREFIX


class AgentTerminals(TerminalManager):
    """The server's terminals, with those of agents among them."""

    def open_agent_terminal(
        self, name: str, argv: list[str], size: Size, replay: Replay
    ) -> AgentTerminal:
        """Open a session's terminal.

        Parameters
        ----------
        name : str
            Begins with `session.TERMINAL_PREFIX`.
        argv, size, replay
            As of `AgentTerminal`.
        """
        env = self.make_term_env(**self.term_settings)
        terminal = AgentTerminal(argv, env, size, replay)
        terminal.term_name = name
        self.create(name=name, agent_terminal=terminal)
        return terminal

    def new_named_terminal(self, **kwargs: Any) -> tuple[str, PtyWithClients]:
        """Open a terminal, under a name of ours only for a session."""
        name, terminal = kwargs.get("name"), kwargs.get("agent_terminal")
        if isinstance(terminal, AgentTerminal) and isinstance(name, str):  # Not out of JSON.
            self.terminals[name] = terminal
            self.start_reading(terminal)
            return name, terminal
        _refuse_ours(name)
        return super().new_named_terminal(**kwargs)

    # As in terminado 0.18.1's own subclass, whose argument has this name, too.
    def get_terminal(self, term_name: str) -> PtyWithClients:  # type: ignore[override]
        """Return a terminal; one of ours is not made by being asked for."""
        if term_name not in self.terminals:
            _refuse_ours(term_name)
        return super().get_terminal(term_name)

    async def terminate(self, name: str, force: bool = False) -> None:
        """End a terminal; with one of ours its session, as its user wants."""
        terminal = self.terminals.get(name)
        if not isinstance(terminal, AgentTerminal):
            await super().terminate(name, force=force)
            return
        try:
            await terminal.shut_down()
        except AgentAuthError as error:
            raise HTTPError(error.status, error.message) from None

    async def terminate_all(self) -> None:
        """End all terminals with the server; containers go on."""
        ours = [t for t in self.terminals.values() if isinstance(t, AgentTerminal)]
        await asyncio.gather(*(terminal.terminate() for terminal in ours))
        await super().terminate_all()

    def pty_read(self, fd: int, events: Any = None) -> None:
        """Read from a terminal, or write what waits for it; called by the event loop."""
        terminal = self.ptys_by_fd[fd]
        if not isinstance(terminal, AgentTerminal):
            super().pty_read(fd, events)
            return
        loop = IOLoop.current()
        if events is not None and events & loop.WRITE:
            terminal.ptyproc.write_rest()
        if events == loop.WRITE:
            return
        self.pre_pty_read_hook(terminal)  # The time of the last activity.
        try:
            terminal.read()
        except EOFError:
            del self.ptys_by_fd[fd]
            loop.remove_handler(fd)
            loop.add_callback(self._client_ended, terminal)

    async def _client_ended(self, terminal: AgentTerminal) -> None:
        if await terminal.go_on():
            self.start_reading(terminal)
            return
        if self.terminals.get(str(terminal.term_name)) is terminal:
            del self.terminals[str(terminal.term_name)]
        terminal.finish()

    async def _cull_inactive_terminal(self, name: str) -> None:
        if not isinstance(self.terminals.get(name), AgentTerminal):
            await super()._cull_inactive_terminal(name)


def with_agents(manager: type[TerminalManager]) -> type[TerminalManager]:
    """Return the class of a server's terminal manager with our rules in front of its own."""
    if issubclass(manager, AgentTerminals):
        return manager
    if manager is TerminalManager:
        return AgentTerminals
    return type(AgentTerminals.__name__, (AgentTerminals, manager), {})


def terminals_disabled() -> Unavailable:
    """The error for a server without terminals."""
    return Unavailable(
        "Terminals are disabled on this server (c.ServerApp.terminals_enabled = False), and agents "
        "run in terminals: enable them.",
        "terminals_disabled",
    )


def _refuse_ours(name: object) -> None:
    if isinstance(name, str) and name.startswith(TERMINAL_PREFIX):
        raise HTTPError(
            403,
            f"{TERMINAL_PREFIX}… is the terminal of an agent's session, which is opened by "
            "POST agentauth/api/sessions.",
        )
