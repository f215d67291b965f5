"""A run of an agent on one prompt: what it says and does, while it runs and afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from .errors import AgentError, RunFailed
from .outcomes import Applied, Discarded

if TYPE_CHECKING:
    from .client import Client

State = Literal["starting", "running", "done", "failed", "cancelled"]

#: Of the JSON form.
_VERSION = 1

_USAGE = ("input_tokens", "output_tokens", "cached_tokens", "cost")


@dataclass(frozen=True)
class Change:
    """A file that a run changed; the lines are ``None`` where they cannot be counted."""

    path: str
    status: str
    added: int | None = None
    removed: int | None = None


@dataclass
class ToolCall:
    """What the agent did with one of its tools; ``output`` is ``None`` until it ended."""

    id: str
    name: str
    input: Any = None
    output: str | None = None


@dataclass(frozen=True)
class Check:
    """A command that was run on what an agent made.

    Parameters
    ----------
    command : str
    exit_code : int or None
        ``None`` when it could not be run.
    last_lines : str
        The end of what it printed.
    problem : str or None
        Why it could not be run.
    """

    command: str
    exit_code: int | None
    last_lines: str = ""
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it passed."""
        return self.exit_code == 0


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
    check : Check or None
        What `gather` ran afterwards.
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
        self.share_auth: bool | None = None
        self.id = ""
        self.container = ""
        self.state: State = "starting"
        self.events: list[dict[str, Any]] = []
        self.tools: list[ToolCall] = []
        self.usage: dict[str, Any] = dict.fromkeys(_USAGE)
        self.changes: list[Change] = []
        self.diff = ""
        self.exit_code: int | None = None
        self.seconds: float | None = None
        self.conversation: str | None = None
        self.problem: str | None = None
        self.reason: str | None = None
        self.warnings: list[str] = []
        self.check: Check | None = None
        self._pieces: list[str] = []
        self._client = client

    @property
    def text(self) -> str:
        """What the agent said, in Markdown."""
        return "".join(self._pieces)

    @property
    def ended(self) -> bool:
        """Whether nothing comes any more."""
        return self.state in ("done", "failed", "cancelled")

    @property
    def ok(self) -> bool:
        """Whether the agent ended without an error."""
        return self.state == "done"

    def add(self, line: dict[str, Any]) -> None:
        """Take in a line of ``POST runs``; what is not known of it is kept in ``events``."""
        self.events.append(line)
        take = _TAKE.get(str(line.get("type")))
        if take is not None:
            take(self, line)

    def raise_for_status(self) -> Run:
        """Return the run itself if it ended without an error.

        Raises
        ------
        RunFailed
            With one sentence and the run.
        """
        if self.state in ("failed", "cancelled"):
            problem = self.problem or f"{self.agent} ended with exit code {self.exit_code}."
            raise RunFailed(problem, self, self.reason or "run_failed")
        return self

    def apply(self, message: str | None = None, into: str | None = None) -> Applied:
        """Commit what is in its worktree, and merge the worktree's branch.

        Parameters
        ----------
        message : str, optional
            Of the commit.
        into : str, optional
            The worktree whose branch it is merged into; the repository's main one by default.

        Raises
        ------
        AgentError
            When the target has changes of its own, when the merge conflicts, or when there is
            nothing to merge. The target is then as it was.
        """
        return Applied.from_json(self._ended_client().apply_worktree(self.worktree, message, into))

    def discard(self) -> Discarded:
        """Remove its worktree and the worktree's branch; what it returns brings them back.

        Raises
        ------
        AgentError
        """
        return Discarded.from_json(self._ended_client().discard_worktree(self.worktree))

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
        return {
            "version": _VERSION,
            **{name: getattr(self, name) for name in _PLAIN},
            "text": self.text,
            "tools": [asdict(tool) for tool in self.tools],
            "changes": [asdict(change) for change in self.changes],
            "check": asdict(self.check) if self.check else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        """Return what `to_json` was called on, without its server.

        Raises
        ------
        AgentError
            For another version's form.
        """
        if value.get("version") != _VERSION:
            raise AgentError(
                f"This is no run of version {_VERSION}: make it with Run.to_json().", "bad_run"
            )
        run = cls(value["agent"], value["prompt"])
        for name in _PLAIN:
            setattr(run, name, value[name])
        run._pieces = [value["text"]]
        run.tools = [ToolCall(**tool) for tool in value["tools"]]
        run.changes = [Change(**change) for change in value["changes"]]
        run.check = Check(**value["check"]) if value["check"] else None
        # What its display reads.
        run.events = [{"type": "text", "text": value["text"]}]
        run.events += [{"type": "tool", **asdict(tool)} for tool in run.tools]
        return run

    def __repr__(self) -> str:
        seconds = "" if self.seconds is None else f", {self.seconds:.0f} s"
        return f"<Run {self.agent}: {self.state}{seconds}, {len(self.changes)} files changed>"

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

    def _started(self, line: dict[str, Any]) -> None:
        self.id, self.container = str(line["id"]), str(line.get("container") or "")
        self.worktree = line.get("worktree") or self.worktree
        self.profile = line.get("profile") or self.profile
        self.share_auth = line.get("share_auth")
        self.warnings = list(line.get("warnings") or ())
        self.state = "running"

    def _text(self, line: dict[str, Any]) -> None:
        self._pieces.append(str(line.get("text") or ""))

    def _tool(self, line: dict[str, Any]) -> None:
        identity = str(line.get("id"))
        call = next((call for call in reversed(self.tools) if call.id == identity), None)
        if call is None:
            call = ToolCall(identity, str(line.get("name")), line.get("input"))
            self.tools.append(call)
        elif line.get("input") is not None:
            call.input = line["input"]
        call.output = line.get("output") if line.get("output") is not None else call.output

    def _usage(self, line: dict[str, Any]) -> None:
        self.usage = {name: line.get(name) for name in _USAGE}

    def _changes(self, line: dict[str, Any]) -> None:
        names = ("path", "status", "added", "removed")
        self.changes = [Change(*(file.get(n) for n in names)) for file in line["files"]]
        self.diff = str(line.get("diff") or "")

    def _done(self, line: dict[str, Any]) -> None:
        self.exit_code, self.seconds = line.get("exit_code"), line.get("seconds")
        self.conversation = line.get("conversation")
        self.problem = line.get("problem")
        failed = self.exit_code != 0 or self.problem is not None
        self.state = "failed" if failed else "done"

    def _error(self, line: dict[str, Any]) -> None:
        self.problem, self.reason = line.get("message"), line.get("reason")
        self.seconds = line.get("seconds", self.seconds)
        self.state = "cancelled" if self.reason == "run_cancelled" else "failed"


_TAKE = {
    "started": Run._started,
    "text": Run._text,
    "tool": Run._tool,
    "usage": Run._usage,
    "changes": Run._changes,
    "done": Run._done,
    "error": Run._error,
}

_PLAIN = (
    "agent", "prompt", "worktree", "profile", "share_auth", "id", "container", "state", "usage",
    "diff", "exit_code", "seconds", "conversation", "problem", "reason", "warnings",
)  # fmt: skip
