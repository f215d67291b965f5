"""What of git's configuration we go by: a few harmless values, read as text and checked.

Nothing else of it reaches git where it works for us: no filter, driver, hook, monitor or alias.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from .files import check_head, read
from .run import run_git

#: A configuration of a megabyte is none.
_LARGEST = 1 << 20

_BOOLEAN = re.compile(r"true|false|yes|no|on|off|1|0", re.IGNORECASE)
_ANY = re.compile(r".+", re.DOTALL)

#: What git is told of it, key by key, with the values that are believed.
LOOKS = {
    "core.autocrlf": re.compile(r"true|false|input", re.IGNORECASE),
    "core.eol": re.compile(r"lf|crlf|native", re.IGNORECASE),
    "core.filemode": _BOOLEAN,
    "core.symlinks": _BOOLEAN,
    "core.ignorecase": _BOOLEAN,
    "core.precomposeunicode": _BOOLEAN,
    "core.sparsecheckout": _BOOLEAN,
    "core.sparsecheckoutcone": _BOOLEAN,
    "extensions.objectformat": re.compile(r"sha1|sha256"),
}

#: What we go by ourselves.
_OWN = {
    "core.attributesfile": _ANY,
    "core.excludesfile": _ANY,
    "core.bare": _BOOLEAN,
    "core.worktree": _ANY,
    "extensions.refstorage": _ANY,
    "extensions.worktreeconfig": _BOOLEAN,
    "user.name": _ANY,
    "user.email": _ANY,
}

_FILTER = re.compile(r"filter\.(.*)\.(clean|smudge|process)", re.DOTALL)

#: Texts with patterns, and how they are called in the user's directory unless it is said.
USERS_FILES = {"core.excludesfile": "ignore", "core.attributesfile": "attributes"}


def read_config(own: str, common: str) -> dict[str, str]:
    """Read the values that we go by, of a worktree, its repository and the user.

    Parameters
    ----------
    own, common : str
        Their git directories.

    Returns
    -------
    dict
        By lower-case key; booleans are ``true`` or ``false``, paths absolute. The names of
        filters with a command are under ``filters``, separated by NUL.

    Raises
    ------
    GitFailed
    """
    for path in dict.fromkeys((common, own)):
        check_head(path)
        for name in ("config", "config.worktree"):
            read(path, name, _LARGEST)  # A regular file, or none.
    home = os.path.expanduser("~")
    users = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    # `git config` starts no program. GIT_DIR is there for conditions of the user's includes,
    # GIT_WORK_TREE so that nobody is sent to where core.worktree points.
    environment = {"HOME": home, "XDG_CONFIG_HOME": users, "GIT_DIR": own, "GIT_WORK_TREE": "/"}
    listing, _ = run_git(("config", "--list", "-z"), "/", environment, timeout=5, limit=_LARGEST)
    found = {key: os.path.join(users, "git", name) for key, name in USERS_FILES.items()}
    filters: dict[str, bool] = {}
    for entry in os.fsdecode(listing).split("\0"):
        key, is_set, value = entry.partition("\n")
        value = value if is_set else "true"
        wanted = LOOKS.get(key) or _OWN.get(key)
        if wanted is not None and wanted.fullmatch(value):
            found[key] = _plain(value) if wanted is _BOOLEAN else value
        elif match := _FILTER.fullmatch(key):
            filters[match[1]] = bool(value) or filters.get(match[1], False)
    for key in USERS_FILES:
        found[key] = os.path.join(home, os.path.expanduser(found[key]))
    found["filters"] = "\0".join(name for name, has_command in filters.items() if has_command)
    return found


def identity(config: Mapping[str, str]) -> tuple[str, str]:
    """Return the name and the address of the user, for commits."""
    name, email = (
        re.sub(r"[<>\n\0]", "", config.get(key, "")).strip() for key in ("user.name", "user.email")
    )
    if not name or not email:
        return "jupyter-agentauth", "jupyter-agentauth@localhost"
    return name, email


def _plain(value: str) -> str:
    return "true" if value.lower() in ("true", "yes", "on", "1") else "false"
