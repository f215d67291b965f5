"""The user's own choices, kept where jupyter_server keeps front-end configuration.

jupyter_server's ``ConfigManager`` writes with a plain ``open("w")``, and anyone with a
token can write the section through ``/api/config``. So we write atomically, and believe
nothing that we read.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .agent_names import NAME
from .errors import Conflict
from .hostfiles import make_private_parents, write_atomically
from .torn import JsonFile, Torn

SECTION = "jupyter_agentauth"


def _is_carried(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(sources, list) and all(map(_is_plain_path, (worktree, *sources)))
        for worktree, sources in value.items()
    )


def _is_plain_path(path: object) -> bool:
    if not isinstance(path, str) or not path.startswith("/") or "\0" in path:
        return False
    return os.path.normpath(path) == path


#: What is kept, and which stored values are believed.
_VALID: dict[str, Callable[[object], bool]] = {
    "share_auth": lambda value: isinstance(value, bool),
    "profile": lambda value: isinstance(value, str) and bool(NAME.fullmatch(value)),
    "carried": _is_carried,
    "branches": lambda value: (
        isinstance(value, dict)
        and all(_is_plain_path(path) and isinstance(name, str) for path, name in value.items())
    ),
}

_log = logging.getLogger(__name__)


class Preferences:
    """The section ``jupyter_agentauth`` of the user's server configuration.

    Parameters
    ----------
    config_dir : str
        Jupyter's configuration directory; the file is ``serverconfig/<section>.json``.
    """

    def __init__(self, config_dir: str) -> None:
        self.path = Path(config_dir) / "serverconfig" / f"{SECTION}.json"
        self._file = JsonFile(self.path)
        self._said: set[str] = set()

    def read(self) -> dict[str, Any]:
        """Return what is kept and valid.

        Returns
        -------
        dict
            Some of ``share_auth`` (bool), ``profile`` (str), ``carried`` (a worktree's path → the
            paths that its sessions have mounted along, see `worktrees.carry`) and ``branches``
            (a worktree's path → the branch that we made for it).
        """
        try:
            stored = self._file.read()
        except Torn as torn:
            self._say(f"{self.path} {torn}, so the defaults are used.")
            return {}
        for name in _invalid(stored):
            self._say(_not_valid(name, self.path))
        return {name: stored[name] for name in _VALID if name in stored and _valid(stored, name)}

    def set_aside(self) -> None:
        """Move a file that cannot be read out of the way; it is kept, and never overwritten.

        Not what a writer is in the middle of; where it cannot be moved, it stays.
        """
        try:
            self._file.read()
        except Torn:
            with suppress(OSError), self._locked():
                self._keep_torn()

    def write(self, changes: dict[str, Any]) -> None:
        """Change some of the choices, at once and atomically; what others wrote stays.

        Raises
        ------
        Conflict
            With reason ``preference_not_saved`` when it cannot be written; the old choices
            hold then.
        """
        self._change(lambda stored: changes)

    def carried(self, worktree: str) -> list[str]:
        """Return what a worktree's sessions have mounted along."""
        return list(self.read().get("carried", {}).get(worktree, []))

    def carry(self, worktree: str, source: str) -> None:
        """Remember a path that a worktree's sessions have mounted along; raises as `write`."""

        def added(stored: dict[str, Any]) -> dict[str, Any]:
            carried = _carried(stored)
            sources = dict.fromkeys([*carried.get(worktree, []), source])
            return {"carried": {**carried, worktree: list(sources)}}

        self._change(added)

    def forget_carried(self, worktree: str, source: str | None = None) -> None:
        """Forget one such path, or all of a worktree; raises as `write`."""
        if worktree not in self.read().get("carried", {}):
            return

        def removed(stored: dict[str, Any]) -> dict[str, Any]:
            carried = _carried(stored)
            left = [kept for kept in carried.pop(worktree, []) if source not in (None, kept)]
            return {"carried": {**carried, worktree: left} if left else carried}

        self._change(removed)

    def branch(self, worktree: str) -> str | None:
        """Return the branch that was made for a worktree."""
        name = self.read().get("branches", {}).get(worktree)
        return None if name is None else str(name)

    def keep_branch(self, worktree: str, branch: str | None) -> None:
        """Remember the branch that was made for a worktree, or none; raises as `write`."""
        if self.branch(worktree) == branch:
            return

        def changed(stored: dict[str, Any]) -> dict[str, Any]:
            is_there = "branches" in stored and _valid(stored, "branches")
            kept = {**stored["branches"]} if is_there else {}
            kept.pop(worktree, None)
            return {"branches": {**kept, worktree: branch} if branch else kept}

        self._change(changed)

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        try:
            make_private_parents(self.path)
            with self._locked():
                self._keep_torn()
                stored = self._file.read()
                changes = change(stored)
                if set(_invalid(stored)) & set(changes):
                    self._file.copy_aside()
                write_atomically(self.path, json.dumps({**stored, **changes}, indent=2) + "\n")
        except (OSError, Torn) as error:
            why = getattr(error, "strerror", None) or error
            raise Conflict(
                f"The choice could not be saved in {self.path} ({why}): make room or mend its "
                "directory, and try again.",
                "preference_not_saved",
            ) from None

    def problems(self) -> list[tuple[str, str | None]]:
        """Say what is wrong, each with the command that mends it; changes nothing."""
        found: list[tuple[str, str | None]] = []
        try:
            stored = self._file.read()
            found += [(_not_valid(name, self.path), None) for name in _invalid(stored)]
        except Torn as torn:
            sentence = f"{self.path} {torn}, so the defaults are used"
            found.append((f"{sentence}; the next launch keeps it aside.", None))
        for kept in self._file.kept():
            sentence = f"Choices that could not be read were kept in {kept}, and defaults used."
            found.append((sentence, f"rm -r {shlex.quote(str(kept))}"))
        return found

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _keep_torn(self) -> None:
        kept = self._file.move_aside()
        if kept is not None:
            self._say(f"{self.path} could not be read; it is kept as {kept}.")

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            _log.warning(sentence)


def _carried(stored: dict[str, Any]) -> dict[str, list[str]]:
    valid = "carried" in stored and _valid(stored, "carried")
    return dict(stored["carried"]) if valid else {}


def _valid(stored: dict[str, Any], name: str) -> bool:
    return _VALID[name](stored[name])


def _invalid(stored: dict[str, Any]) -> list[str]:
    return [name for name in _VALID if name in stored and not _valid(stored, name)]


def _not_valid(name: str, path: Path) -> str:
    return f"{name} in {path} is not valid, so its default is used."
