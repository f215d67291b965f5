"""What a reader of the store sees while others write to it."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from jupyter_agentauth.stored_values import as_object

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Encrypted, whatever its name says.
_NOT_JSON = "gemini-credentials.json"


def parsed(file: Path, content: bytes | None = None) -> dict[str, Any]:
    """Return what a settings file holds.

    Parameters
    ----------
    content : bytes, optional
        Where it was read already.

    Raises
    ------
    ValueError
        When it is torn.
    """
    content = file.read_bytes() if content is None else content
    if file.suffix == ".toml":
        return tomllib.loads(content.decode())
    return as_object(content, comments=True)


def settings_files(directory: Path) -> list[Path]:
    """Return the JSON and TOML files that lie in a directory itself."""
    files = (*directory.glob("*.json"), *directory.glob("*.toml"))
    return [file for file in files if file.name != _NOT_JSON]


class Watch:
    """Reads a directory's settings files without a pause, for the length of a ``with`` block.

    Parameters
    ----------
    directory : Path

    Attributes
    ----------
    torn, empty : Counter
        By file name, how often one was seen so.
    reads : int
    """

    def __init__(self, directory: Path) -> None:
        self.torn: Counter[str] = Counter()
        self.empty: Counter[str] = Counter()
        self.reads = 0
        self._directory = directory
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def __str__(self) -> str:
        return f"{self.reads} reads, torn {dict(self.torn)}, empty {dict(self.empty)}"

    def _read(self) -> None:
        while not self._ended.wait(0.003):
            for file in settings_files(self._directory):
                self._look_at(file)

    def _look_at(self, file: Path) -> None:
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            return  # Between its listing and its reading.
        self.reads += 1
        if not content:
            self.empty[file.name] += 1
            return
        try:
            parsed(file, content)
        except ValueError:
            self.torn[file.name] += 1
