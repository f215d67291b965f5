"""What was asked of worktrees, from JSON, checked for form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import BadRequest
from ..requests import check_object

_KEYS = ("repo", "branch", "base", "path", "carry")
_HOW = ("copy", "mount")


@dataclass(frozen=True)
class Carry:
    """Something of the main worktree that a new one gets along.

    Parameters
    ----------
    path : str
        Relative to the main worktree.
    how : str
        ``copy`` or ``mount``.
    """

    path: str
    how: str


@dataclass(frozen=True)
class NewWorktree:
    """A worktree that somebody wants; ``None`` leaves the choice to us.

    Parameters
    ----------
    repo : str
        The path of any worktree of the repository.
    """

    repo: str
    branch: str
    base: str | None = None
    path: str | None = None
    carry: tuple[Carry, ...] = ()


def parse_new_worktree(body: object) -> NewWorktree:
    """Check the JSON body of ``POST worktrees``.

    Raises
    ------
    BadRequest
        With one sentence that names the key that is wrong.
    """
    body = check_object(body, _KEYS, "'repo' and 'branch'")
    carry = body.get("carry", [])
    if not isinstance(carry, list):
        raise BadRequest("'carry' must be a list of objects.", "bad_carry")
    return NewWorktree(
        repo=_text(body, "repo"),
        branch=_text(body, "branch"),
        base=_text(body, "base") if body.get("base") is not None else None,
        path=parse_path(body["path"]) if body.get("path") is not None else None,
        carry=tuple(_carry(entry) for entry in carry),
    )


@dataclass(frozen=True)
class WorktreeToApply:
    """A worktree whose branch is to be merged.

    Parameters
    ----------
    message : str or None
        Of the commit of what was not committed yet.
    into : str or None
        The worktree to merge into; ``None`` for the repository's main one.
    """

    path: str
    message: str | None = None
    into: str | None = None


def parse_apply(body: object) -> WorktreeToApply:
    """Check the JSON body of ``POST worktrees/apply``; raises as `parse_new_worktree`."""
    body = check_object(body, ("path", "message", "into"), "'path'")
    return WorktreeToApply(
        path=parse_path(body.get("path")),
        message=_text(body, "message") if body.get("message") is not None else None,
        into=parse_path(body["into"]) if body.get("into") is not None else None,
    )


def parse_discard(body: object) -> str:
    """Check the JSON body of ``POST worktrees/discard``, and return the path."""
    return parse_path(check_object(body, ("path",), "'path'").get("path"))


def parse_path(path: object) -> str:
    """Check the path of a worktree.

    Raises
    ------
    BadRequest
    """
    if not isinstance(path, str):
        raise BadRequest("'path' must be a string.", "bad_path")
    if ".." in _check_text(path, "path").split("/"):
        raise BadRequest(
            f"The path {path!r} holds '..': write it without, so that it is plain where it leads.",
            "bad_path",
        )
    return path


def _text(body: Mapping[str, object], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadRequest(f"{key!r} must be a string.", f"bad_{key}")
    return _check_text(value, key)


def _carry(entry: object) -> Carry:
    if not isinstance(entry, Mapping) or set(entry) != {"path", "how"}:
        raise BadRequest("An entry of 'carry' has the keys 'path' and 'how'.", "bad_carry")
    path, how = entry["path"], entry["how"]
    if how not in _HOW:
        raise BadRequest("'how' must be 'copy' or 'mount'.", "bad_carry")
    if not isinstance(path, str):
        raise BadRequest("The 'path' of an entry of 'carry' must be a string.", "bad_carry")
    parts = _check_text(path, "carry").removesuffix("/").split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise BadRequest(
            f"{path!r} cannot be carried along: name a file or a directory of the main worktree, "
            "relative to it, without '..' and outside of '.git'.",
            "bad_carry",
        )
    return Carry("/".join(parts), how)


def _check_text(value: str, what: str) -> str:
    """Return a path or name that git, the engine and one line of a file can hold.

    Raises
    ------
    BadRequest
    """
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRequest(f"The {what} {value!r} is not valid UTF-8.", f"bad_{what}") from None
    if not value or any(character in value for character in "\0\r\n"):
        raise BadRequest(
            f"The {what} {value!r} is empty, or holds a NUL or the end of a line: choose another.",
            f"bad_{what}",
        )
    if value.startswith("-"):
        raise BadRequest(
            f"The {what} {value!r} starts with a dash, which commands take for an option: choose "
            "another.",
            f"bad_{what}",
        )
    return value
