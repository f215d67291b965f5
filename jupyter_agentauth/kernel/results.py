"""What several agents made, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

from .errors import AgentError
from .outcomes import Discarded
from .page_output import NO_MATH
from .run import Run
from .run_facts import duration, state_name
from .run_json import VERSION, check_version
from .table import Table, table_html, table_text


class Results(Sequence[Run]):
    """The runs of one `gather`, in the order of its tasks; shows itself as a table.

    Parameters
    ----------
    runs : iterable of Run

    Attributes
    ----------
    warnings : list of str
        What is to be known of all of them.
    """

    def __init__(self, runs: Iterable[Run], warnings: Iterable[str] = ()) -> None:
        self._runs = tuple(runs)
        self.warnings = list(warnings)

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> Results: ...

    def __getitem__(self, index: int | slice) -> Run | Results:
        if isinstance(index, slice):
            return Results(self._runs[index], self.warnings)
        return self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    @property
    def passed(self) -> list[Run]:
        """The runs that ended without an error, and whose check passed where there was one."""
        return [run for run in self if run.ok and (run.check is None or run.check.ok)]

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for each run, as pandas and polars take them; ``None`` is what is not known."""
        return [_row(run) for run in self]

    def discard_all(self, except_: Run | Iterable[Run] = ()) -> list[Discarded]:
        """Discard the worktrees of all runs but some; those that have none are left out.

        Nothing is lost: each of what is returned says how to have it back.

        Parameters
        ----------
        except_ : Run or iterable of Run
            What is kept.

        Raises
        ------
        AgentError
            With the first that could not be discarded; the others are, and `Run.discarded` says
            how to have them back.
        """
        kept = [except_] if isinstance(except_, Run) else list(except_)
        done, problems = list[Discarded](), list[AgentError]()
        for run in self:
            if any(run is one for one in kept) or not run.worktree:
                continue
            try:
                done.append(run.discard())
            except AgentError as error:
                problems.append(error)
        if problems:
            first = problems[0]
            count = len(problems)
            raise AgentError(
                f"{count} worktree{'' if count == 1 else 's'} could not be discarded: "
                f"{first.message}",
                first.reason,
            )
        return done

    def to_json(self) -> dict[str, Any]:
        """Return all of it but the runs' events, in JSON's types; see `from_json`."""
        runs = [run.to_json() for run in self]
        return {"version": VERSION, "runs": runs, "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Results:
        """Return what `to_json` was called on.

        Raises
        ------
        AgentError
            For another version's form.
        """
        check_version(value, "result of gather")
        return cls(map(Run.from_json, value["runs"]), value["warnings"])

    def __repr__(self) -> str:
        return table_text(_shown(self))

    def _repr_html_(self) -> str:
        table = table_html(_shown(self))
        return f'<div class="{NO_MATH}">{table}</div>'


def _row(run: Run) -> dict[str, Any]:
    usage = run.usage
    return {
        "name": run.name,
        "agent": run.agent,
        "state": run.state,
        "seconds": run.seconds,
        "cost": usage.get("cost"),
        "input_tokens": usage.get("input_tokens"),
        "output_tokens": usage.get("output_tokens"),
        "files": len(run.changes),
        "added": sum(change.added or 0 for change in run.changes),
        "removed": sum(change.removed or 0 for change in run.changes),
        "check": run.check.ok if run.check else None,
        "branch": run.branch,
        "worktree": run.worktree,
        "problem": run.problem,
    }


def _shown(results: Results) -> Table:
    head = ("agent", "state", "time", "cost", "tokens", "files", "lines", "check", "branch")
    notes = list(results.warnings)
    for run in results:
        unasked = run.state == "failed" or run.reason == "run_timeout"
        told = [run.problem] if run.problem and unasked else []
        if run.check is not None and run.check.problem:
            told.append(f"the check: {run.check.problem}")
        notes += [f"{run.name}: {note}" for note in (*told, *run.warnings)]
    rows = [_cells(run) for run in results]
    return Table("", head, rows, "No task was given.", list(dict.fromkeys(notes)))


def _cells(run: Run) -> tuple[str, ...]:
    row = _row(run)
    seconds, cost = run.elapsed, row["cost"]
    tokens = [row[key] for key in ("input_tokens", "output_tokens")]
    lines = f"+{row['added']} \N{MINUS SIGN}{row['removed']}" if run.changes else ""
    return (
        run.name if run.name == run.agent else f"{run.name} ({run.agent})",
        state_name(run),
        "" if seconds is None else duration(seconds),
        "" if cost is None else f"${cost:.4f}",
        "" if None in tokens else f"{tokens[0]:,} + {tokens[1]:,}",
        str(row["files"]) if run.ended else "",
        lines,
        {None: "", True: "passed", False: "failed"}[row["check"]],
        run.branch or "",
    )
