"""What became of a worktree: merged, or dropped and how to have it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .shown_text import in_one_line, shown_text


@dataclass(frozen=True, repr=False)
class Applied:
    """A worktree's branch that was merged.

    Parameters
    ----------
    branch, into : str
        Branches.
    target : str
        The worktree whose branch ``into`` is.
    commit : str
        The merge.
    files : tuple of str
        What it changed there.
    warnings : tuple of str
        What was left out, or is not wholly there.
    """

    branch: str
    into: str
    target: str
    commit: str
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Applied:
        """Take the server's answer."""
        names = (f["path"] if isinstance(f, Mapping) else str(f) for f in value.get("files", ()))
        told = {key: str(value[key]) for key in ("branch", "into", "target", "commit")}
        warnings = tuple(map(str, value.get("warnings", ())))
        return cls(**told, files=tuple(names), warnings=warnings)

    def __repr__(self) -> str:
        count = len(self.files)
        files = f"{count} file{'' if count == 1 else 's'}"
        said = f"Merged {self.branch} into {self.into} ({self.commit[:7]}, {files})."
        return in_one_line(" ".join((said, *self.warnings)), 2000)


@dataclass(frozen=True, repr=False)
class Discarded:
    """A worktree that was removed, with the branch that was made for it.

    Parameters
    ----------
    branch : str
    kept : str
        The reference under which all of it is kept.
    branch_kept : bool
        Whether the branch is there still: it was not made for this worktree.
    restore : str
        A shell command that brings it back.
    """

    branch: str
    kept: str
    restore: str
    branch_kept: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Discarded:
        """Take the server's answer."""
        kept = value["kept"]
        reference = kept["ref"] if isinstance(kept, Mapping) else kept
        branch, restore = str(value["branch"]), str(value["restore"])
        return cls(branch, str(reference), restore, bool(value.get("branch_kept")))

    def __repr__(self) -> str:
        name = in_one_line(self.branch)
        stays = f" Its branch stays, for it was there before: {name}." if self.branch_kept else ""
        return f"Discarded {name}.{stays} `{shown_text(self.restore)}` brings it back."
