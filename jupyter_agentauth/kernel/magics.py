"""``%agent``, ``%agents`` and ``%%agent``: read the line, call, show.

A user's mistake, and a server that cannot do it, is one sentence on stderr, as IPython says
wrong usage of its own magics; the cell fails, so that those after it do not run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class

from . import completion
from .errors import AgentError
from .magic_arguments import CELL, LINE, MagicRequest, WrongUsage, parse_line
from .run_facts import SHARED
from .working_directory import working_directory

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .client import Client
    from .follow import Lines
    from .run import Run

#: The variable that holds the last run of a cell, whatever `--into` says.
LAST = "_agent"


class Interrupted(AgentError):
    """The cell was stopped; what it had shown stays."""

    reason = "run_cancelled"


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except AgentError as error:
        raise UsageError(error.message) from None
    except KeyboardInterrupt:
        raise Interrupted("Interrupted.") from None


@magics_class
class AgentMagics(Magics):
    """The magics, and what they remember: the last run of each agent in each worktree."""

    def __init__(self, shell: InteractiveShell, knowledge: completion.Knowledge) -> None:
        super().__init__(shell)
        self._knowledge = knowledge
        self._namespace: dict[str, Any] = shell.user_ns
        self._runs: dict[tuple[str, str], Run] = {}

    @line_cell_magic
    def agent(self, line: str, cell: str | None = None) -> None:
        """Open a coding agent in its container, or let it work on the prompt in this cell.

        ::

            %agent NAME [options] [-- ARGS…]      open it in a terminal beside the notebook
            %%agent NAME [options] [-- ARGS…]     the cell is a prompt: run it, show what it does

            %agent claude
            %agent codex --worktree fix-typo --create
            %agent claude --inline -- --model opus

            %%agent codex --worktree fix-typo --into fix
            Make {function.__name__} return {expected!r} for an empty list.

            fix.text, fix.changes, fix.diff, fix.usage; fix.apply() or fix.discard()

        Both:

        --worktree W    a worktree's branch or directory name, or a directory; without it the one
                        that holds the notebook's working directory
        --create        make that worktree, on a new branch W, if there is none
        --profile P     one of several accounts
        --share, --no-share
                        keep the sign-in for all containers of this agent, or not, whatever the
                        setting says
        --resume        go on with the conversation of the last %%agent of that agent and worktree
                        in this kernel; with %agent in a terminal
        -- ARGS…        all that follows is for the agent itself

        %agent alone:

        --inline        a live terminal in this output, where the page can show one

        %%agent alone:

        --into NAME     keep the run in the variable NAME; the last one is in `_agent`, too
        --background    do not wait: the output goes on, and NAME holds the run while it runs

        `{name}` in a prompt is replaced by the variable's value, with attributes and items
        (`{run.id}`, `{rows[0]['a']}`) and a format (`{price:.2f}`). Nothing is called or computed:
        all other braces, as in JSON, stay as they are; so does `$name`, and `{{` and `}}` are
        braces in any case.

        The stop button ends a run, and its container. `%agents` lists what runs.
        """
        with _sentences():
            if cell is None:
                self._open(parse_line(line, LINE))
            else:
                self._run(parse_line(line, CELL), cell)
        self._knowledge.forget()  # There may be a worktree more.

    @line_magic
    def agents(self, line: str) -> None:
        """Show the agents and their sign-ins, the sessions and the worktrees.

        ::

            %agents
        """
        with _sentences():
            if line.strip():
                raise WrongUsage(f"%agents takes nothing behind it; did you mean {LINE} {line}?")

            from .agents_table import AgentsTable
            from .client import connect
            from .page_output import show

            client = connect()
            table = AgentsTable(
                client.agents(), client.sessions(), client.worktrees(), client.settings()
            )
            show(table)

    def _open(self, request: MagicRequest) -> None:
        from .client import connect
        from .show import show_session

        client = connect()
        worktree = _worktree(client, request)
        before = self._before(request, worktree)
        session = client.open_session(
            request.agent,
            args=request.args,
            worktree=worktree,
            profile=request.profile or (before.profile if before else None),
            share_auth=_share(request, before),
            resume=before.conversation if before else None,
        )
        if session["share_auth"]:
            print(SHARED)
        _warn(session["warnings"])
        show_session(session, request.inline, address=client.page_url(""))

    def _run(self, request: MagicRequest, cell: str) -> None:
        prompt = self._prompt(cell)

        from .background import run_in_background
        from .client import connect
        from .follow import follow_run
        from .run_display import RunDisplay

        client = connect()
        worktree = _worktree(client, request)
        run: Run | None = None
        try:
            run, lines = self._start(client, request, worktree, prompt)
            self._keep(request, worktree, run)
            display = RunDisplay(run, request.into or LAST)
            if request.background:
                run_in_background(client, run, lines, display)
                return
            try:
                follow_run(client, run, lines, display.update)
            finally:
                display.close()
        except KeyboardInterrupt:
            if run is not None and not run.ended:
                client.stop_run(run.id)  # It came before or after `follow_run` looked after it.
            raise

    def _start(
        self, client: Client, request: MagicRequest, worktree: str, prompt: str
    ) -> tuple[Run, Lines]:
        from .follow import start_run
        from .starting import start_interruptibly

        before = self._before(request, worktree)
        start = partial(
            start_run,
            client,
            request.agent,
            prompt,
            args=request.args,
            worktree=worktree,
            profile=request.profile or (before.profile if before else None),
            share=_share(request, before),
            resume=before.conversation if before else None,
        )
        return start_interruptibly(client, start)

    def _prompt(self, cell: str) -> str:
        from .expansion import expand

        if not cell.strip():
            raise WrongUsage(f"{CELL}: the cell is empty; it is the prompt for the agent.")
        expanded = expand(cell.strip(), self._namespace)
        if expanded.unknown:
            names = ", ".join(f"{{{name}}}" for name in expanded.unknown)
            print(f"There is no variable for {names}: sent as it stands.", file=sys.stderr)
        if expanded.computed:
            names = ", ".join(f"{{{name}}}" for name in expanded.computed)
            print(
                f"Nothing in a prompt is computed: {names} is sent as it stands. Assign it to a "
                "variable first.",
                file=sys.stderr,
            )
        return expanded.text

    def _keep(self, request: MagicRequest, worktree: str, run: Run) -> None:
        # The kernel's directory may lie below its worktree's root, by which it is also named.
        for directory in (worktree, run.worktree):
            self._runs[request.agent, directory] = run
        self._namespace[LAST] = run
        if request.into is not None:
            self._namespace[request.into] = run

    def _before(self, request: MagicRequest, worktree: str) -> Run | None:
        if not request.resume:
            return None
        before = self._runs.get((request.agent, worktree))
        where = f"{request.agent} in {worktree}"
        if before is None:
            raise AgentError(
                f"There is nothing to resume: no {CELL} of {where} has run in this kernel.",
                "nothing_to_resume",
            )
        if before.conversation is None:
            left_none = "it left no conversation that can be resumed"
            why = left_none if before.ended else "it still runs"
            raise AgentError(f"The last {CELL} of {where}: {why}.", "nothing_to_resume")
        return before


def _share(request: MagicRequest, before: Run | None) -> bool | None:
    """Return whether to share: as asked, else as the conversation did that goes on."""
    return before.share_auth if request.share is None and before is not None else request.share


def _worktree(client: Client, request: MagicRequest) -> str:
    from .worktree_choice import choose_worktree

    return choose_worktree(client, request.worktree, working_directory(), request.create)


def _warn(warnings: list[str]) -> None:
    from .shown_text import in_one_line

    for warning in warnings:
        print(f"Warning: {in_one_line(warning, 1000)}", file=sys.stderr)


def load(shell: InteractiveShell) -> None:
    """Register the magics and what the Tab key finds; asks no server."""
    unload(shell)
    knowledge = completion.Knowledge(completion.ask_server)
    shell.register_magics(AgentMagics(shell, knowledge))
    completion.register(shell, knowledge)


def unload(shell: InteractiveShell) -> None:
    """Take both away again; what runs goes on."""
    for kind, name in (("line", "agent"), ("cell", "agent"), ("line", "agents")):
        shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop(AgentMagics.__name__, None)
    completion.unregister(shell)
