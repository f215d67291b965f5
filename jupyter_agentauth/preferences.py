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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .agent_names import NAME
from .errors import Conflict
from .hostfiles import make_private_parents, write_atomically

SECTION = "jupyter_agentauth"

#: What can be chosen, and which stored values are believed.
_VALID: dict[str, Callable[[object], bool]] = {
    "share_auth": lambda value: isinstance(value, bool),
    "profile": lambda value: isinstance(value, str) and bool(NAME.fullmatch(value)),
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
        self._said: set[str] = set()

    def read(self) -> dict[str, Any]:
        """Return the valid choices: ``share_auth`` (bool) and ``profile`` (str), if made."""
        stored = self._stored()
        valid: dict[str, Any] = {}
        for name, is_valid in _VALID.items():
            if name in stored and is_valid(stored[name]):
                valid[name] = stored[name]
            elif name in stored:
                self._say(f"{name} in {self.path} is not valid, so its default is used.")
        return valid

    def write(self, changes: dict[str, Any]) -> None:
        """Change some of the choices, at once and atomically; what others wrote stays.

        Raises
        ------
        Conflict
            With reason ``preference_not_saved`` when it cannot be written.
        """
        try:
            make_private_parents(self.path)
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                merged = {**self._stored(keep_torn=True), **changes}
                write_atomically(self.path, json.dumps(merged, indent=2) + "\n")
            finally:
                os.close(lock)
        except OSError as error:
            raise Conflict(
                f"The choice could not be saved in {self.path} ({error.strerror}): make room or "
                "mend its directory, and try again.",
                "preference_not_saved",
            ) from None

    def _stored(self, keep_torn: bool = False) -> dict[str, Any]:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            if isinstance(stored, dict):
                return stored
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            pass
        self._say(f"{self.path} cannot be read as JSON, so the defaults are used.")
        if keep_torn and self.path.exists():
            os.replace(self.path, self.path.with_suffix(".json.torn"))
        return {}

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            _log.warning(sentence)
