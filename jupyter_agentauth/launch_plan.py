"""A `LaunchPlan`: what a session needs, not how an engine spells it.

`plan.py` makes it, `prepare.py` makes its host side, `docker_run.py` renders it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

#: Inside every container, for ever: Gemini 0.61 derives the key of its credential file
#: from the host name and the user name.
USER = "agent"
HOSTNAME = "agentauth"

#: Not under /tmp: Codex 0.169 refuses to create its helper binaries there.
CONTAINER_HOME = "/home/agent"

#: Of every label of ours.
LABEL = "jupyter.agentauth."


@dataclass(frozen=True)
class Mount:
    """A bind mount. ``purpose`` is one of worktree, git, auth, cache, identity, extra."""

    source: str
    target: str
    read_only: bool
    purpose: str

    def to_json(self) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "source": self.source,
            "target": self.target,
            "read_only": self.read_only,
            "purpose": self.purpose,
        }


@dataclass(frozen=True)
class HostPath:
    """Something that must be on the host before the container starts.

    Parameters
    ----------
    path : str
        Absolute path on the server's side.
    kind : str
        ``store`` (a private directory of the credential store), ``store_file``,
        ``identity`` (a file that we generate), ``git``, ``packed_refs`` (of a repository's
        common directory), ``mountpoint`` or ``carried`` (a file or a directory).
    text : str or None
        What a file is made with; ``None`` for a directory or a file that exists. Of a
        ``mountpoint`` the mount's source, whose kind it takes.
    """

    path: str
    kind: str
    text: str | None = None


@dataclass(frozen=True)
class LaunchPlan:
    """What a session needs. Field names are the contract's where it names them.

    Parameters
    ----------
    before : tuple of str
        Shell commands that the container runs before the agent's own, as its user. What
        fails of them does not stop the agent.
    start : str
        The shell commands that then run the agent's own, ``"$@"``.
    share_scope : str
        What is shared if anything is, see `split.py`.
    same_files : bool
        Whether a file in the container has the identity that it has on the host; in Docker
        Desktop's machine it has another one.
    """

    session: str
    agent: str
    profile: str
    share_auth: bool
    image: str
    worktree: str
    workdir: str
    command: tuple[str, ...]
    mounts: tuple[Mount, ...]
    env: Mapping[str, str | None]
    labels: Mapping[str, str]
    uid: int
    gid: int
    tty: bool
    memory: str
    cpus: str
    pids_limit: int
    network: str
    security_options: tuple[str, ...]
    userns: str
    extra_run_args: tuple[str, ...]
    docker_command: tuple[str, ...]
    host_paths: tuple[HostPath, ...]
    host_path_map: Mapping[str, str]
    share_scope: str = "config"
    before: tuple[str, ...] = ()
    start: str = 'exec "$@"'
    warnings: tuple[str, ...] = ()
    same_files: bool = True
    home: str = CONTAINER_HOME
    user: str = USER
    hostname: str = HOSTNAME

    @property
    def name(self) -> str:
        """The container's name."""
        return f"agentauth-{self.agent}-{self.session}"[:128]

    @property
    def is_plain(self) -> bool:
        """Whether the directory is mounted as it is, git data in it included."""
        return not any(mount.purpose == "git" for mount in self.mounts)

    @property
    def command_line(self) -> tuple[str, ...]:
        """What the container runs: the agent's command, behind `before`."""
        if not self.before:
            return self.command
        return ("sh", "-c", "\n".join((*self.before, self.start)), "sh", *self.command)

    @property
    def tmpfs(self) -> tuple[str, ...]:
        """HOME and every directory between it and a mount: they live in memory.

        The engine makes missing parents of a mount as root, and an agent that runs as the
        user cannot write beside it (OpenCode 1.18: EACCES at ~/.local/state).
        """
        targets = [mount.target for mount in self.mounts]
        found = [self.home]
        for target in targets:
            for parent in reversed(list(_parents(target, self.home))):
                inside = any(parent == t or parent.startswith(t + "/") for t in targets)
                if not inside and parent not in found:
                    found.append(parent)
        return tuple(found)

    def run_before(self, *commands: str) -> LaunchPlan:
        """Return the plan with more shell commands in front of the agent's own."""
        return replace(self, before=(*self.before, *commands))

    def warn(self, *sentences: str) -> LaunchPlan:
        """Return the plan with more warnings, each once."""
        new = tuple(s for s in dict.fromkeys(sentences) if s not in self.warnings)
        return replace(self, warnings=(*self.warnings, *new))


def _parents(path: str, root: str) -> Iterator[str]:
    parent = posixpath.dirname(path)
    while parent.startswith(root + "/"):
        yield parent
        parent = posixpath.dirname(parent)
