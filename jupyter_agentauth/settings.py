"""What the planner is told: plain data, made of traits, preferences and the host.

`config.py` makes `Settings` of the traits, `host.py` makes `HostFacts` of the machine,
`worktrees.py` makes `Worktree` of a directory. The planner sees nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .known_agents import BUILT_IN, Agent

#: The image that `jupyter agentauth image build` makes.
DEFAULT_IMAGE = "jupyter-agentauth:latest"

#: Locale, terminal type, colour: what a terminal program needs to draw itself.
DEFAULT_ENV_PASSTHROUGH = (
    "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_MONETARY",
    "LC_NUMERIC", "LC_TIME", "TZ", "TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "FORCE_COLOR",
)  # fmt: skip


@dataclass(frozen=True)
class ExtraMount:
    """A bind mount that the configuration adds to every container."""

    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Settings:
    """The configuration and the user's preferences, merged; names as the traits'."""

    auth_dir: str
    share_auth: bool = False
    allow_share_auth: bool = True
    profile: str = "default"
    share_scope: str = "config"
    image: str = DEFAULT_IMAGE
    agents: Mapping[str, Agent] = field(default_factory=lambda: dict(BUILT_IN))
    docker_command: tuple[str, ...] = ("docker",)
    env_passthrough: tuple[str, ...] = DEFAULT_ENV_PASSTHROUGH
    extra_mounts: tuple[ExtraMount, ...] = ()
    extra_run_args: tuple[str, ...] = ()
    network: str = ""
    memory: str = "8g"
    cpus: str = ""
    pids_limit: int = 512
    allowed_roots: tuple[str, ...] = ()
    host_path_map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EngineFacts:
    """What the engine said of itself at the last contact."""

    rootless: bool = False
    userns_remap: bool = False
    selinux: bool = False
    desktop: bool = False
    version: str = ""


@dataclass(frozen=True)
class HostFacts:
    """The server's side.

    Parameters
    ----------
    uid, gid : int
        Of the user who owns the worktrees and the store.
    env_names : frozenset of str
        Names, never values, of the variables that are set.
    identity_dir : str
        Where the generated ``passwd`` and ``group`` files lie.
    engine : EngineFacts or None
        ``None`` while the engine was never reached.
    home : str
        The user's home on the host; never a worktree.
    machine : str
        See `machine.machine`; empty where it does not matter.
    owner : str
        See `owner.owner`.
    """

    uid: int
    gid: int
    env_names: frozenset[str]
    identity_dir: str
    engine: EngineFacts | None
    home: str
    machine: str = ""
    owner: str = ""


@dataclass(frozen=True)
class GitLayout:
    """Where git keeps a worktree's data. All paths are absolute and real.

    Parameters
    ----------
    git_dir : str
        This worktree's own git directory.
    common_dir : str
        The repository's; equal to ``git_dir`` in a main checkout.
    submodules : tuple of str
        Git directories of submodules below ``git_dir``.
    pointer : bool
        Whether the worktree's ``.git`` is a file that names ``git_dir``.
    linked_modules : bool
        Whether a linked worktree's own part has submodules.
    guarded : tuple of str
        Files and directories inside the worktree that git on the host obeys: hook
        directories, included configuration, other worktrees' ``.git`` files.
    borrowed : tuple of str
        Other repositories' object stores that it needs (``git clone --shared``).
    large_files : bool
        Whether Git LFS keeps files there.
    resolutions : bool
        Whether git on the host records how conflicts were resolved (``rerere``).
    """

    git_dir: str
    common_dir: str
    pointer: bool = False
    linked_modules: bool = False
    submodules: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()
    large_files: bool = False
    resolutions: bool = False


@dataclass(frozen=True)
class Worktree:
    """A directory that an agent works in, as it was found on the host.

    Parameters
    ----------
    path : str
        The root that is mounted, at its own path.
    workdir : str
        The directory that was asked for: ``path`` or below it.
    git : GitLayout or None
        ``None`` where it is no git worktree.
    identity : mapping
        ``GIT_AUTHOR_NAME`` and the like, from the user's own git configuration.
    warnings : tuple of str
        What the user should know of it.
    carried : tuple of str
        Real paths outside of it that its sessions see, read-only: see `worktrees.carry`.
    """

    path: str
    workdir: str
    git: GitLayout | None = None
    identity: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()


@dataclass(frozen=True)
class SessionRequest:
    """What was asked for, checked for form only.

    Parameters
    ----------
    agent : str
        A name or a command, see `agent_names.resolve`.
    session : str
        The new session's id: lower-case hexadecimal.
    share_auth : bool or None
        ``None`` takes the preference.
    profile : str or None
        ``None`` takes the preference.
    tty : bool
        Whether the agent gets a terminal or plain pipes.
    server : str
        The id of the server that opens it, under which the next one finds it; empty for the
        commands.
    """

    agent: str
    session: str
    args: tuple[str, ...] = ()
    share_auth: bool | None = None
    profile: str | None = None
    tty: bool = True
    server: str = ""
