"""The table of agents: the built-in ones, and what the configuration adds and changes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

from .agent_names import check_name
from .errors import BadRequest
from .known_agents import BUILT_IN, Agent

_STRINGS = ("title", "icon", "image")
_DIRECTORIES = ("auth_dirs", "cache_dirs")
_PATHS = (*_DIRECTORIES, "credential_files")
_KEYS = {"command", "auth_files", "env", "headless", *_STRINGS, *_PATHS}


def make_table(overrides: Mapping[str, Mapping[str, Any]]) -> dict[str, Agent]:
    """Merge ``c.AgentAuth.agents`` into the built-in table.

    Parameters
    ----------
    overrides : mapping of str to mapping
        Agents by name. A built-in agent is overridden key by key, and ``env`` variable
        by variable; any other name adds an agent.

    Raises
    ------
    BadRequest
        With one sentence that names the entry and the key that are wrong.
    """
    table = dict(BUILT_IN)
    for name, entry in overrides.items():
        check_name(name)
        changes = _checked(name, entry)
        agent = table.get(name) or Agent(name=name, command=(name,), title=name)
        if "env" in changes:
            changes["env"] = {**agent.env, **changes["env"]}
        if {"headless", "command"} & changes.keys():
            # Ours are for the command, and for arguments, of which ours were made.
            changes |= {"piped": (), "events": "", "resume_piped": (), "resume": ()}
        table[name] = replace(agent, **changes)
        _check_places(table[name])
        _check_credential_files(table[name], changes.get("credential_files", ()))
    return table


def _checked(name: str, entry: object) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise _wrong(name, "must be a dict")
    unknown = sorted(str(key) for key in entry if key not in _KEYS)
    if unknown:
        raise _wrong(name, f"has no key {unknown[0]!r}; it takes {', '.join(sorted(_KEYS))}")
    changes: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "command":
            changes[key] = _command(name, value)
        elif key in _STRINGS:
            if not _is_text(value):
                raise _wrong(name, f"needs a string for {key!r}")
            changes[key] = value
        elif key == "headless":
            changes[key] = _headless(name, value)
        elif key in _PATHS:
            changes[key] = tuple(path.rstrip("/") for path in _string_list(name, key, value))
        else:
            changes[key] = _string_map(name, key, value)
    for key in (*_PATHS, "auth_files"):
        for path in changes.get(key, ()):
            _check_home_path(name, key, path)
    return changes


def _command(name: str, value: object) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(value)) if isinstance(value, str) else value
    except ValueError:
        words = ()
    words = _string_list(name, "command", words)
    first = words[0] if words else ""
    if not first or first.startswith("-") or ("/" in first and not first.startswith("/")):
        raise _wrong(name, "needs a command: its name, or its absolute path inside the image")
    return words


def _headless(name: str, value: object) -> tuple[str, ...]:
    words = _string_list(name, "headless", value)
    if words and not any("{prompt}" in word for word in words):
        raise _wrong(name, "needs '{prompt}' in 'headless', where the prompt goes")
    return words


def _string_list(name: str, key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and all(_is_text(item) for item in value):
        return tuple(value)
    raise _wrong(name, f"needs a list of strings for {key!r}")


def _string_map(name: str, key: str, value: object) -> dict[str, str | None]:
    texts = isinstance(value, Mapping) and all(
        _is_text(k) and (_is_text(v) or (v is None and key == "env")) for k, v in value.items()
    )
    if not texts:
        raise _wrong(name, f"needs a dict of names to strings for {key!r}")
    assert isinstance(value, Mapping)
    for variable in value if key == "env" else ():
        if not variable or "=" in variable:
            raise _wrong(name, f"has {variable!r} in 'env', which cannot name a variable")
    return dict(value)


def _is_text(value: object) -> bool:
    """Whether it is a string that a file, a path and a command line can hold."""
    try:
        return isinstance(value, str) and b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _check_home_path(name: str, key: str, path: str) -> None:
    parts = path.split("/")
    plain = path.isprintable() and not {"", ".", ".."} & {*parts} and not path.startswith("~")
    if not plain:
        raise _wrong(
            name,
            f"has the path {path!r} in {key!r}: write it as it is below HOME, such as '.mycli' "
            "for ~/.mycli",
        )


def _check_places(agent: Agent) -> None:
    """Each place has one owner: a mount inside another would hide a part of it."""
    places = [
        *((path, "auth_dirs") for path in agent.auth_dirs),
        *((path, "cache_dirs") for path in agent.cache_dirs),
        *((path, "auth_files") for path in agent.auth_files),
    ]
    for (outer, key), (inner, inner_key) in permutations(places, 2):
        keys = f"{key!r}" if key == inner_key else f"{key!r}, {inner_key!r}"
        if outer == inner:
            raise _wrong(agent.name, f"has {inner!r} twice ({keys}): name it once")
        seeded = (key, inner_key) == ("auth_dirs", "auth_files")
        if inner.startswith(f"{outer}/") and not seeded:
            raise _wrong(
                agent.name,
                f"has {inner!r} inside {outer!r} ({keys}): name places beside each other, or the "
                "outer directory alone",
            )


def _check_credential_files(agent: Agent, files: tuple[str, ...]) -> None:
    for file in files:
        if not any(file.startswith(f"{directory}/") for directory in agent.auth_dirs):
            raise _wrong(
                agent.name,
                f"has {file!r} in 'credential_files': name files that lie in its 'auth_dirs'",
            )


def _wrong(name: str, what: str) -> BadRequest:
    return BadRequest(f"The agent {name!r} in c.AgentAuth.agents {what}.", "bad_agent_table")
