"""The table of agents: the built-in ones, and what the configuration adds and changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .agents import BUILT_IN, Agent, check_name, split_command
from .errors import BadRequest

_STRINGS = ("title", "icon", "image")
_STRING_LISTS = ("auth_dirs", "cache_dirs", "headless")
_KEYS = {"command", "auth_files", "env", *_STRINGS, *_STRING_LISTS}


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
        table[name] = replace(agent, **changes)
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
            if not isinstance(value, str):
                raise _wrong(name, f"needs a string for {key!r}")
            changes[key] = value
        elif key in _STRING_LISTS:
            items = _string_list(name, key, value)
            directories = key.endswith("_dirs")
            changes[key] = tuple(i.rstrip("/") for i in items) if directories else items
        else:
            changes[key] = _string_map(name, key, value)
    for path in (*changes.get("auth_dirs", ()), *changes.get("cache_dirs", ())):
        _check_home_path(name, path)
    for path in changes.get("auth_files", {}):
        _check_home_path(name, path)
    return changes


def _command(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        try:
            return split_command(value)
        except BadRequest:
            raise _wrong(name, "needs a command") from None
    words = _string_list(name, "command", value)
    if not words:
        raise _wrong(name, "needs a command")
    return words


def _string_list(name: str, key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise _wrong(name, f"needs a list of strings for {key!r}")


def _string_map(name: str, key: str, value: object) -> dict[str, str | None]:
    if isinstance(value, Mapping) and all(
        isinstance(k, str)
        and (isinstance(v, str) or (v is None and key == "env"))
        and (key != "env" or "\0" not in (v or ""))
        and (key != "env" or (k and "=" not in k and "\0" not in k))
        for k, v in value.items()
    ):
        return dict(value)
    raise _wrong(name, f"needs a dict of names to strings for {key!r}")


def _check_home_path(name: str, path: str) -> None:
    parts = path.split("/")
    if path.startswith("/") or "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise _wrong(name, f"has the path {path!r}, which must be relative to HOME and plain")


def _wrong(name: str, what: str) -> BadRequest:
    return BadRequest(f"The agent {name!r} in c.AgentAuth.agents {what}.", "bad_agent_table")
