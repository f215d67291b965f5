"""Change a file that a running agent may be writing, and lose nothing that it wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..authstore import AuthStore, StoreError
from ..errors import shown
from ..hostfiles import file_version, remove_left_ones, replace_unchanged
from ..text.bounded_json import TooMuch, parse_json

#: An agent writes a few times in its first second; more than this is no chance.
_TRIES = 20

#: Claude Code's `.claude.json` grows with every project.
_LARGEST = 8_000_000


def edit(store: AuthStore, path: str, change: Callable[[str | None], str | None]) -> None:
    """Replace a file of the store by what ``change`` makes of its text, at once and whole.

    Parameters
    ----------
    change : callable
        From the text, or ``None`` when there is no file, to the new one; ``None`` leaves
        it. Called again when the file was written meanwhile.

    Raises
    ------
    StoreError
        The file is untouched then.
    """
    remove_left_ones(Path(path))
    try:
        for _ in range(_TRIES):
            seen = file_version(Path(path))
            text = _text(store, path) if seen else None
            changed = change(text)
            if changed is None or replace_unchanged(Path(path), changed, seen):
                return
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be written ({error.strerror}).") from None
    except (ValueError, RecursionError):  # A JSON, TOML or UTF-8 error is a ValueError.
        raise StoreError(f"{shown(path)} has not the form that its agent writes.") from None
    except TooMuch as error:
        raise StoreError(f"{shown(path)} {error}.") from None
    raise StoreError(f"{shown(path)} is written by a running agent all the time.")


def json_object(text: str | None) -> dict[str, Any]:
    """Return the object that a text of JSON holds; an empty one where there is no file.

    Raises
    ------
    ValueError, TooMuch
    """
    value = {} if text is None else parse_json(text, exact=True)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _text(store: AuthStore, path: str) -> str:
    content = store.read(path, limit=_LARGEST)
    if content is None:
        raise StoreError(f"{shown(path)} cannot be read.")
    return content.decode()
