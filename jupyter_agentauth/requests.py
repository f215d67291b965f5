"""What was asked for, from JSON or a command line, checked for form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .agent_names import check_name
from .errors import BadRequest

#: Linux refuses a longer single argument (MAX_ARG_STRLEN).
_LONGEST_ARGUMENT = 131_071

#: It refuses about 2 MiB of arguments and environment together; UTF-8 can need 4 bytes each.
_ALL_ARGUMENTS = 250_000

_KEYS = ("agent", "args", "worktree", "profile", "share_auth")


@dataclass(frozen=True)
class LaunchRequest:
    """A session that somebody wants; ``None`` leaves the choice to the settings.

    Parameters
    ----------
    worktree : str or None
        A directory, absolute or relative to where the request was made.
    """

    agent: str
    args: tuple[str, ...] = ()
    worktree: str | None = None
    profile: str | None = None
    share_auth: bool | None = None
    tty: bool = True

    def to_json(self) -> dict[str, object]:
        """Return the body of ``POST sessions`` that asks for the same."""
        body: dict[str, object] = {
            "agent": self.agent,
            "args": list(self.args),
            "worktree": self.worktree,
            "profile": self.profile,
        }
        return body if self.share_auth is None else {**body, "share_auth": self.share_auth}


def check_object(body: object, keys: Sequence[str], needed: str) -> Mapping[str, Any]:
    """Return a JSON body that is an object and has no other keys than these.

    Parameters
    ----------
    needed : str
        What it must hold at least, in words.

    Raises
    ------
    BadRequest
    """
    if not isinstance(body, Mapping):
        raise BadRequest(f"The body must be a JSON object with at least {needed}.")
    unknown = sorted(str(key) for key in body if key not in keys)
    if unknown:
        raise BadRequest(f"There is no key {unknown[0]!r}; the keys are {', '.join(keys)}.")
    return body


def parse_launch_request(body: object) -> LaunchRequest:
    """Check the JSON body of ``POST plan`` and ``POST sessions``.

    Raises
    ------
    BadRequest
        With one sentence that names the key that is wrong.
    """
    body = check_object(body, _KEYS, "the key 'agent'")
    if "agent" not in body:
        raise BadRequest(
            "The key 'agent' is missing: name an agent, such as 'claude'.", "bad_agent"
        )
    share = body.get("share_auth")
    if "share_auth" in body and not isinstance(share, bool):
        raise BadRequest("'share_auth' must be true or false.", "bad_share_auth")
    for key in ("worktree", "profile"):
        if body.get(key) is not None and not isinstance(body[key], str):
            raise BadRequest(f"{key!r} must be a string.", f"bad_{key}")
    if body.get("profile") is not None:
        check_name(body["profile"], "profile")
    if not isinstance(body["agent"], str):
        raise BadRequest("'agent' must be a string.", "bad_agent")
    return LaunchRequest(
        agent=body["agent"],
        args=check_arguments(body.get("args", [])),
        worktree=body.get("worktree"),
        profile=body.get("profile"),
        share_auth=share,
    )


def check_arguments(arguments: object) -> tuple[str, ...]:
    """Return the agent's arguments when a command line can hold them.

    Raises
    ------
    BadRequest
        With reason ``bad_args``.
    """
    if not isinstance(arguments, (list, tuple)) or not all(isinstance(a, str) for a in arguments):
        raise BadRequest("'args' must be a list of strings.", "bad_args")
    if sum(map(len, arguments)) > _ALL_ARGUMENTS:
        raise BadRequest(
            f"The arguments have more than {_ALL_ARGUMENTS} characters, which is more than a "
            "command line can hold.",
            "bad_args",
        )
    for argument in arguments:
        try:
            size = len(argument.encode())
        except UnicodeEncodeError:
            size = -1
        if size < 0 or size > _LONGEST_ARGUMENT or "\0" in argument:
            raise BadRequest(
                "An argument holds a NUL or invalid characters, or is longer than "
                f"{_LONGEST_ARGUMENT} bytes: a command line cannot hold it.",
                "bad_args",
            )
    return tuple(arguments)


def parse_settings_change(body: object) -> dict[str, Any]:
    """Check the JSON body of ``PATCH settings``.

    Returns
    -------
    dict
        Some of ``share_auth`` (bool), ``allow_share_auth`` (bool) and ``profile`` (str).

    Raises
    ------
    BadRequest
    """
    if not isinstance(body, Mapping):
        raise BadRequest("The body must be a JSON object with some of the settings.")
    for key, value in body.items():
        if key in ("share_auth", "allow_share_auth"):
            if not isinstance(value, bool):
                raise BadRequest(f"{key!r} must be true or false.", f"bad_{key}")
        elif key == "profile":
            check_name(value, "profile")
        else:
            raise BadRequest(
                f"There is no setting {key!r} to change; there are 'share_auth' and 'profile'.",
                "unknown_setting",
            )
    return dict(body)
