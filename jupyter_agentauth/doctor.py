"""What works, what does not, and the one command that mends it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import AgentAuthError
from .git import GitFailed, git
from .host import keep_engine_facts
from .image import BUILD
from .service import AgentAuthService


@dataclass(frozen=True)
class Check:
    """One finding. ``level`` is ``ok``, ``warning`` or ``problem``."""

    check: str
    level: str
    message: str
    mend: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return dict(self.__dict__)


def examine(service: AgentAuthService, terminals: bool | None = None) -> list[Check]:
    """Look at everything that a session needs; changes nothing.

    Parameters
    ----------
    terminals : bool, optional
        Whether the server has terminals; not looked at outside of a server.
    """
    checks: list[Check] = []
    for examination in (_engine, _image, _store, _preferences, _sharing, _git):
        checks += _safely(examination, service)
    if terminals is not None:
        checks.append(_terminals(terminals))
    return checks


def _safely(
    examination: Callable[[AgentAuthService], Iterator[Check]], service: AgentAuthService
) -> list[Check]:
    name = examination.__name__.removeprefix("_")
    try:
        return list(examination(service))
    except AgentAuthError as error:
        return [Check(name, "problem", error.message, error.mend)]


def _engine(service: AgentAuthService) -> Iterator[Check]:
    facts = service.engine.facts()
    keep_engine_facts(facts)
    kinds = [
        name
        for name, there in (
            ("rootless", facts.rootless),
            ("with user namespaces", facts.userns_remap),
            ("with SELinux", facts.selinux),
            ("Docker Desktop", facts.desktop),
        )
        if there
    ]
    kind = f" ({', '.join(kinds)})" if kinds else ""
    yield Check("engine", "ok", f"The container engine runs, version {facts.version}{kind}.")


def _image(service: AgentAuthService) -> Iterator[Check]:
    status = service.image.status
    name = status.name
    if not status.present:
        yield Check("image", "problem", f"The image {name} is not there.", BUILD)
        return
    yield Check("image", "ok", f"The image {name} is there.")
    for agent in service.agents():
        if agent["problem"]:
            mend = agent["mend"]
            yield Check(
                f"agent {agent['name']}",
                "warning",
                str(agent["problem"]),
                None if mend is None else str(mend),
            )


def _store(service: AgentAuthService) -> Iterator[Check]:
    root = service.settings.auth_dir
    if not os.path.lexists(root):
        yield Check("store", "ok", f"Nothing is stored yet; sign-ins will be kept in {root}.")
        return
    status = os.lstat(root)
    quoted = shlex.quote(root)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        yield Check(
            "store",
            "problem",
            f"{root} is not a directory of yours, so sign-ins cannot be kept there.",
            f"mv {quoted} {quoted}.old",
        )
    elif stat.S_IMODE(status.st_mode) & 0o077:
        yield Check("store", "warning", f"{root} is open to others.", f"chmod 700 {quoted}")
    elif not os.access(root, os.W_OK):
        yield Check("store", "problem", f"{root} cannot be written.", f"chmod 700 {quoted}")
    else:
        yield Check("store", "ok", f"Sign-ins are kept in {root}, private to you.")


def _preferences(service: AgentAuthService) -> Iterator[Check]:
    problems = service.preferences.problems()
    for sentence, mend in problems:
        yield Check("preferences", "warning", sentence, mend)
    if not problems:
        path = service.preferences.path
        yield Check("preferences", "ok", f"Your choices are kept in {path}.")


def _sharing(service: AgentAuthService) -> Iterator[Check]:
    settings = service.settings
    if not settings.allow_share_auth:
        yield Check("sharing", "ok", "Sharing of sign-ins is switched off by the administrator.")
    elif settings.share_auth:
        yield Check("sharing", "ok", "Sign-ins are shared by all containers of an agent.")
    else:
        yield Check("sharing", "ok", "Sharing of sign-ins is off: they end with their container.")


def _git(service: AgentAuthService) -> Iterator[Check]:
    if shutil.which("git") is None:
        yield Check(
            "git", "warning", "Git is not installed, so worktrees are not found.",
            "sudo apt-get install git",
        )  # fmt: skip
        return
    try:
        yield Check("git", "ok", f"{git('/', 'version').capitalize()} is there.")
    except GitFailed as failure:
        yield Check("git", "warning", f"Git does not work: {failure}.")


def _terminals(there: bool) -> Check:
    if there:
        return Check("terminals", "ok", "The server has terminals.")
    return Check(
        "terminals",
        "problem",
        "Terminals are disabled on this server, so agents cannot be opened.",
        "c.ServerApp.terminals_enabled = True",
    )
