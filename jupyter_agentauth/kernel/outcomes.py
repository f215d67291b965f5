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
    """

    branch: str
    into: str
    target: str
    commit: str
    files: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Applied:
        """Take the server's answer."""
        names = (f["path"] if isinstance(f, Mapping) else str(f) for f in value.get("files", ()))
        told = {key: str(value[key]) for key in ("branch", "into", "target", "commit")}
        return cls(**told, files=tuple(names))

    def __repr__(self) -> str:
        count = len(self.files)
        files = f"{count} file{'' if count == 1 else 's'}"
        said = f"Merged {self.branch} into {self.into} ({self.commit[:7]}, {files})."
        return in_one_line(said, 1000)


@dataclass(frozen=True, repr=False)
class Discarded:
    """A worktree that was removed, with its branch.

    Parameters
    ----------
    branch : str
    kept : str
        The reference under which all of it is kept.
    restore : str
        A shell command that brings it back.
    """

    branch: str
    kept: str
    restore: str

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Discarded:
        """Take the server's answer."""
        kept = value["kept"]
        reference = kept["ref"] if isinstance(kept, Mapping) else kept
        return cls(str(value["branch"]), str(reference), str(value["restore"]))

    def __repr__(self) -> str:
        return f"Discarded {in_one_line(self.branch)}. `{shown_text(self.restore)}` brings it back."
