"""A run of an agent on one prompt: what it says and does, while it runs and afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from .errors import AgentError, RunFailed, ServerError
from .outcomes import Applied, Discarded
from .run_json import check_version, fill_from_json, run_to_json
from .run_lines import USAGE, take_line
from .run_parts import Change, Check, ToolCall
from .shown_text import in_one_line

if TYPE_CHECKING:
    from .client import Client

State = Literal["starting", "running", "done", "failed", "cancelled"]


class Run:
    """One prompt, and what an agent made of it.

    It grows while the agent works: another thread, and another cell, may look at it.

    Parameters
    ----------
    agent, prompt : str
    worktree : str
        The directory that it works in, as the server knows it.
    client : Client, optional
        Its server, for what is done with it afterwards.

    Attributes
    ----------
    name : str
        What it is called beside others, see `Task`; the agent's name by default.
    branch : str or None
        The branch that `gather` made for it.
    id, container : str
        Of the server and of the engine; empty until it has started.
    state : str
        ``starting``, ``running``, ``done``, ``failed`` or ``cancelled``.
    events : list of dict
        All that the server told, line by line; the agent's own events are in ``raw``.
    tools : list of ToolCall
    usage : dict
        ``input_tokens``, ``output_tokens``, ``cached_tokens`` and ``cost`` in US dollars, each
        ``None`` where the CLI does not tell it.
    changes : list of Change
        Against the worktree's commit at the start, without what the run did not touch.
    diff : str
        In unified form, at most 1 MiB.
    exit_code : int or None
        The agent's own.
    seconds : float or None
        From its start to its end.
    conversation : str or None
        With which the agent itself goes on, see ``resume``.
    problem : str or None
        One sentence when it failed.
    warnings : list of str
    reason : str or None
        A machine's name of the problem, as in REST.
    check : Check or None
        What `gather` ran afterwards.
    applied : Applied or None
        Its last merge.
    discarded : Discarded or None
        How to have its worktree back.
    """

    def __init__(
        self,
        agent: str,
        prompt: str,
        worktree: str = "",
        *,
        profile: str | None = None,
        client: Client | None = None,
    ) -> None:
        self.agent = agent
        self.prompt = prompt
        self.worktree = worktree
        self.profile = profile
        self.name = agent
        self.branch: str | None = None
        self.share_auth: bool | None = None
        self.id = ""
        self.container = ""
        self.state: State = "starting"
        self.events: list[dict[str, Any]] = []
        self.tools: list[ToolCall] = []
        self.usage: dict[str, Any] = dict.fromkeys(USAGE)
        self.changes: list[Change] = []
        self.diff = ""
        self.exit_code: int | None = None
        self.seconds: float | None = None
        self.conversation: str | None = None
        self.problem: str | None = None
        self.reason: str | None = None
        self.warnings: list[str] = []
        self.check: Check | None = None
        self.applied: Applied | None = None
        self.discarded: Discarded | None = None
        #: The text, as it came.
        self.pieces: list[str] = []
        self._client = client
        self.began: float | None = None

    @property
    def text(self) -> str:
        """What the agent said, in Markdown."""
        return "".join(self.pieces)

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def ok(self) -> bool:
        """Whether the agent ended without an error."""
        return self.state == "done"

    @property
    def elapsed(self) -> float | None:
        """Seconds since its start, while it runs too."""
        if self.seconds is not None or self.began is None or self.ended:
            return self.seconds
        return time.monotonic() - self.began

    def add(self, line: dict[str, Any]) -> None:
        """Take in a line of ``POST runs``; what is not known of it is kept in ``events``."""
        self.events.append(line)
        take_line(self, line)

    def raise_for_status(self) -> Run:
        """Return the run itself unless it has failed; one that still runs has not.

        Raises
        ------
        RunFailed
            With one sentence and the run.
        """
        if self.state in ("failed", "cancelled"):
            problem = self.problem or f"{self.agent} ended with exit code {self.exit_code}."
            raise RunFailed(in_one_line(problem, 1000), self, self.reason or "run_failed")
        return self

    def apply(
        self, message: str | None = None, into: str | os.PathLike[str] | None = None
    ) -> Applied:
        """Commit what is in its worktree, and merge the worktree's branch.

        The worktree stays, so that more can be made there and applied again; with nothing new
        in it, the last merge is returned once more.

        Parameters
        ----------
        message : str, optional
            Of the commit.
        into : path, optional
            The worktree whose branch it is merged into; the repository's main one by default.

        Raises
        ------
        AgentError
            When the target has changes of its own (``target_dirty``), when the merge conflicts
            (``merge_conflict``), or when there is nothing to merge (``nothing_to_apply``). The
            target is then as it was.
        """
        target = None if into is None else os.path.abspath(os.path.expanduser(into))
        try:
            told = self._with_worktree().apply_worktree(self.worktree, message, target)
        except AgentError as error:
            if error.reason == "nothing_to_apply" and self.applied is not None:
                return self.applied
            if _is_gone(error) and self.discarded is not None:
                raise AgentError(
                    f"{self.discarded.branch} was discarded: `{self.discarded.restore}` brings it "
                    "back.",
                    "discarded",
                ) from None
            raise
        self.applied = Applied.from_json(told)
        return self.applied

    def discard(self) -> Discarded:
        """Remove its worktree and the worktree's branch; what it returns brings them back.

        Nothing is lost: commits, uncommitted changes and untracked files are kept in the
        repository. Once more changes nothing.

        Raises
        ------
        AgentError
            When a session runs in the worktree (``worktree_in_use``), or when it is the
            repository's main one (``main_worktree``).
        """
        try:
            told = self._with_worktree().discard_worktree(self.worktree)
        except AgentError as error:
            if _is_gone(error) and self.discarded is not None:
                return self.discarded
            raise
        self.discarded = Discarded.from_json(told)
        return self.discarded

    def open(self) -> None:
        """Go on with its conversation in a terminal beside the notebook.

        Raises
        ------
        AgentError
        """
        from .show import show_session

        if self.conversation is None:
            raise AgentError(
                f"{self.agent} left no conversation to go on with.", "nothing_to_resume"
            )
        client = self._ended_client()
        session = client.open_session(
            self.agent,
            worktree=self.worktree,
            profile=self.profile,
            share_auth=self.share_auth,
            resume=self.conversation,
        )
        show_session(session, address=client.page_url())

    def stop(self) -> None:
        """Cancel it; its container is gone then."""
        if self._client is not None and self.id and not self.ended:
            self._client.stop_run(self.id)

    def to_json(self) -> dict[str, Any]:
        """Return all of it but the events, in JSON's types; see `from_json`."""
        return run_to_json(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        """Return what `to_json` was called on; it finds its server when it needs it.

        Raises
        ------
        AgentError
            For another version's form.
        """
        check_version(value, "run")
        run = cls(value["agent"], value["prompt"])
        fill_from_json(run, value)
        return run

    def __repr__(self) -> str:
        seconds = "" if self.seconds is None else f", {self.seconds:.0f} s"
        agent, files = in_one_line(self.agent), len(self.changes)
        return f"<Run {agent}: {self.state}{seconds}, {files} files changed>"

    def _repr_mimebundle_(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> dict[str, str]:
        from .run_html import run_html
        from .run_text import run_text

        return {"text/plain": run_text(self), "text/html": run_html(self)}

    def _ended_client(self) -> Client:
        if not self.ended:
            raise AgentError(f"{self.agent} still works: wait for it, or stop it.", "run_running")
        if self._client is None:
            from .client import connect

            self._client = connect()
        return self._client

    def _with_worktree(self) -> Client:
        if self.ended and not self.worktree:
            raise AgentError(f"{self.name} never had a worktree: it did not start.", "no_worktree")
        return self._ended_client()


def _is_gone(error: AgentError) -> bool:
    return isinstance(error, ServerError) and error.status == 404
