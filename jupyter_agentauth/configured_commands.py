"""What git on the host runs or reads because its configuration names it.

Two rules, and neither is a list of dangerous keys: a file of the worktree that any value
names by a path is read-only; and of every command in the repository's own configuration it is
said that what it loads from the worktree is not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .configured_files import named_files
from .errors import shown

#: Keys whose value is a command (git 2.39, ``git help config``), by the last part of their
#: names: a bare name in it can be a file of the worktree, too (``python3 clean.py``).
_COMMAND = re.compile(
    r"(?:alias|pager)\..*"
    r"|.*\.(?:[a-z]*(?:askpass|cmd|command|driver|editor|filter|helper|hook|pager|program)"
    r"|clean|external|fsmonitor|gitproxy|httpd|process|receivepack|sendmail|smtpserver|smudge"
    r"|textconv|tunnel|update|uploadpack|validate|vcs)"
    r"|(?:browser|difftool|guitool|lfs\.customtransfer|man|mergetool)\..*\.(?:args|path)",
    re.DOTALL,
)

#: Keys whose value is a directory with scripts: a repository that is pushed to has hooks.
_DIRECTORY = re.compile(r"core\.hookspath|init\.templatedir|remote\..*\.(?:push)?url", re.DOTALL)

#: Keys of files that are read as configuration, whatever the condition.
_INCLUDE = re.compile(r"include(?:if\..*)?\.path", re.DOTALL)

#: What a shell replaces by something that only it knows.
_SUBSTITUTION = re.compile(r"\$\([^()]*\)|\$\{[^{}]*\}|\$\w+|`[^`]*`")

#: Comes with git: filters of large files, which read nothing of the worktree but what git gives.
_HARMLESS = re.compile(r"git[- ]lfs\b[-\w %.]*")


@dataclass(frozen=True)
class Setting:
    """One entry of ``git config --list --show-scope --show-origin``."""

    scope: str
    origin: str
    key: str
    value: str

    @property
    def is_own(self) -> bool:
        """Whether it is the repository's own, not its user's."""
        return self.scope in ("local", "worktree")


def parse_settings(top: str, listing: str) -> list[Setting]:
    """Take the NUL-separated listing apart; origins are absolute."""
    parts = listing.split("\0")
    return [
        Setting(scope, os.path.join(top, origin.removeprefix("file:")), *_pair(entry))
        for scope, origin, entry in zip(parts[::3], parts[1::3], parts[2::3], strict=False)
    ]


def configured_paths(top: str, settings: Iterable[Setting]) -> tuple[list[str], list[str]]:
    """Return what to make read-only, with real paths that exist, and what cannot be."""
    paths: list[str] = []
    warnings: list[str] = []
    unguarded = []
    for setting in settings:
        paths.append(os.path.realpath(setting.origin))
        if _DIRECTORY.fullmatch(setting.key):
            paths += _directory(top, setting, warnings)
        elif _INCLUDE.fullmatch(setting.key):
            paths += _included(top, setting, warnings)
        else:
            is_command = _COMMAND.fullmatch(setting.key) is not None
            paths += _files(top, setting.value, is_command)
            if is_command and setting.is_own and not _HARMLESS.fullmatch(setting.value.strip()):
                unguarded.append(setting.key)
    if unguarded:
        warnings.append(
            "Git on the host runs commands of the repository's configuration in this worktree "
            f"({', '.join(map(shown, dict.fromkeys(unguarded)))}): the agent can change the files "
            "that they load."
        )
    return list(dict.fromkeys(filter(os.path.exists, paths))), warnings


def _pair(entry: str) -> tuple[str, str]:
    key, _, value = entry.partition("\n")
    return key, value


def _directory(top: str, setting: Setting, warnings: list[str]) -> Iterator[str]:
    path = os.path.realpath(os.path.join(top, os.path.expanduser(setting.value)))
    there = os.path.isdir(path)
    if path != top and not path.startswith(top + "/"):
        return
    if there:
        yield path
    if setting.key.startswith("remote."):
        return
    state = (
        "is read-only, but what its scripts call is not"
        if there and path != top
        else "can be filled by the agent, and git runs what is there"
    )
    name = "core.hooksPath" if setting.key == "core.hookspath" else "init.templateDir"
    warnings.append(
        f"{name} points into the worktree: {shown(path)} {state}: look before your next commit "
        "on the host."
    )


def _included(top: str, setting: Setting, warnings: list[str]) -> Iterator[str]:
    """Also of a condition that does not hold now: the agent may make it hold."""
    here = os.path.dirname(setting.origin)
    path = os.path.realpath(os.path.join(here, os.path.expanduser(setting.value)))
    if os.path.isfile(path):
        yield path
    elif path.startswith(top + "/"):
        warnings.append(
            f"The repository's configuration includes {shown(path)}, which does not exist: what "
            "an agent writes there git obeys on the host. Create it, or remove the include."
        )


def _files(top: str, value: str, is_command: bool) -> Iterator[str]:
    """Yield the files that a value names, from the root or a directory that it names, too."""
    if not is_command and "/" not in value:
        return
    text = _SUBSTITUTION.sub(".", value.removeprefix("!"))
    try:
        words = list(named_files(text))
    except ValueError:  # Quotes that do not match, which a shell would not take either.
        words = text.split()
    places = [top, *(os.path.join(top, word) for word in words)]
    for place in filter(os.path.isdir, dict.fromkeys(places)):
        for word in words:
            path = os.path.realpath(os.path.join(place, word))
            if os.path.isfile(path):
                yield path
