"""The files that a command of git's configuration may run, such as ``./clean --fast``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator


def named_files(command: str) -> Iterator[str]:
    """Yield what may be a file's path; the first word only with a slash in it, as for a shell.

    Raises
    ------
    ValueError
        For a command that cannot be split into words.
    """
    module = False
    for number, word in enumerate(shlex.split(command)):
        # A quoted word can be a command by itself: `sh -c '. ./filter'`.
        for part in dict.fromkeys((word, *word.split())):
            path = os.path.normpath(os.path.expanduser(part.strip(";&|(){}<>'\"")))
            if path == "." or path.startswith("-"):
                continue
            if module:
                yield path.replace(".", "/") + ".py"  # `python -m NAME` runs NAME.py.
            if number or "/" in part:
                yield path
        module = word == "-m"
