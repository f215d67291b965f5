"""What was asked for, from JSON or a command line, checked for form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .agent_names import check_name
from .errors import BadRequest

#: Linux refuses a longer single argument (MAX_ARG_STRLEN).
_LONGEST_ARGUMENT = 131_071

#: It refuses about 2 MiB of arguments and environment together; UTF-8 can need 4 bytes each.
_ALL_ARGUMENTS = 250_000

_KEYS = ("agent", "args", "worktree", "profile", "share_auth")

#: How a CLI names a conversation: it is one word of its command line, and no option.
_CONVERSATION = re.compile(r"[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,127}")

#: Of a prompt, in bytes.
_LONGEST_PROMPT = 8 << 20


@dataclass(frozen=True)
class LaunchRequest:
    """A session that somebody wants; ``None`` leaves the choice to the settings.

    Parameters
    ----------
    worktree : str or None
        A directory, absolute or relative to where the request was made.
    resume : str or None
        The conversation that the agent is to go on with.
    """

    agent: str
    args: tuple[str, ...] = ()
    worktree: str | None = None
    profile: str | None = None
    share_auth: bool | None = None
    resume: str | None = None
    tty: bool = True

    def to_json(self) -> dict[str, object]:
        """Return the body of ``POST sessions`` that asks for the same."""
        body: dict[str, object] = {
            "agent": self.agent,
            "args": list(self.args),
            "worktree": self.worktree,
            "profile": self.profile,
        }
        if self.share_auth is not None:
            body["share_auth"] = self.share_auth
        return body if self.resume is None else {**body, "resume": self.resume}


@dataclass(frozen=True)
class RunRequest:
    """A prompt that an agent is to work on without a terminal."""

    launch: LaunchRequest
    prompt: str


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
    """Check the JSON body of ``POST plan``.

    Raises
    ------
    BadRequest
        With one sentence that names the key that is wrong.
    """
    return _launch_request(check_object(body, _KEYS, "the key 'agent'"))


def parse_session_request(body: object) -> LaunchRequest:
    """Check the JSON body of ``POST sessions``; raises as `parse_launch_request`."""
    return _launch_request(check_object(body, (*_KEYS, "resume"), "the key 'agent'"))


def parse_run_request(body: object) -> RunRequest:
    """Check the JSON body of ``POST runs``; raises as `parse_launch_request`."""
    keys = (*_KEYS, "resume", "prompt")
    body = check_object(body, keys, "the keys 'agent' and 'prompt'")
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise BadRequest("'prompt' must be a string.", "bad_prompt")
    if not _can_be_passed(prompt, _LONGEST_PROMPT):
        raise BadRequest(
            "'prompt' holds a NUL or invalid characters, or is longer than "
            f"{_LONGEST_PROMPT >> 20} MiB.",
            "bad_prompt",
        )
    return RunRequest(replace(_launch_request(body), tty=False), prompt)


def _launch_request(body: Mapping[str, Any]) -> LaunchRequest:
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
        resume=_resume(body.get("resume")),
    )


def is_conversation(value: object) -> bool:
    """Whether a value can name a conversation, whoever told it."""
    return isinstance(value, str) and _CONVERSATION.fullmatch(value) is not None


def _resume(conversation: object) -> str | None:
    if conversation is None:
        return None
    if not is_conversation(conversation):
        raise BadRequest("'resume' must be the 'conversation' that a run ended with.", "bad_resume")
    return str(conversation)


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
        if not _can_be_passed(argument, _LONGEST_ARGUMENT):
            raise BadRequest(
                "An argument holds a NUL or invalid characters, or is longer than "
                f"{_LONGEST_ARGUMENT} bytes: a command line cannot hold it.",
                "bad_args",
            )
    return tuple(arguments)


def _can_be_passed(text: str, longest: int) -> bool:
    """Whether a text is one for a program: no NUL, no half characters, not over so many bytes."""
    try:
        return len(text.encode()) <= longest and "\0" not in text
    except UnicodeEncodeError:
        return False


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
