"""The auth-mount planner: data in, data out.

`make_plan` turns a request, a worktree, the settings and the facts of the host into a
`LaunchPlan`: what a session needs, not how Docker spells it. It reads no file, asks no
engine and imports neither. `docker_run.py` renders the plan, `prepare.py` makes its
host side.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from .agent_names import check_name, resolve
from .auth_mounts import config_mounts, credential_mounts
from .errors import BadRequest, shown
from .gitguard import git_mounts
from .known_agents import HOME, Agent
from .launch_plan import CONTAINER_HOME, LABEL, USER, HostPath, LaunchPlan, Mount
from .settings import HostFacts, SessionRequest, Settings, Worktree
from .split import CREDENTIALS, can_be_split, write_once

SHARING_FORBIDDEN = (
    "Sharing is switched off by the administrator (c.AgentAuth.allow_share_auth), so this "
    "session's credentials end with it."
)


@dataclass
class _Draft:
    """What the rooms of the planner add to, in order."""

    mounts: list[Mount] = field(default_factory=list)
    host_paths: list[HostPath] = field(default_factory=list)
    env: dict[str, str | None] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    start: str = 'exec "$@"'
    warnings: list[str] = field(default_factory=list)


def make_plan(
    request: SessionRequest, worktree: Worktree, settings: Settings, host: HostFacts
) -> LaunchPlan:
    """Plan one session.

    Parameters
    ----------
    request : SessionRequest
        Agent, options and the new session's id.
    worktree : Worktree
        As found on the host; its path is known to be allowed.
    settings : Settings
        Configuration and preference. ``allow_share_auth`` wins over all else.
    host : HostFacts
        The user, the names of the variables that are set, the engine's kind.

    Returns
    -------
    LaunchPlan

    Raises
    ------
    BadRequest
        When the agent or the profile has a bad name, or a path cannot be mounted.
    """
    agent, command = resolve(request.agent, settings.agents)
    profile = check_name(request.profile or settings.profile, "profile")
    draft = _Draft(warnings=list(worktree.warnings))
    share = _sharing(request, agent, settings, draft)
    _add_identity(draft, host)
    _add_worktree(draft, worktree)
    _add_env(draft, agent, worktree, settings, host, request.tty)
    if share:
        _add_auth(draft, agent, profile, settings)
    else:
        draft.before += write_once(agent.auth_files, CONTAINER_HOME)
    _check_worktree(worktree, draft)
    _add_carried(draft, worktree)
    _add_extra_mounts(draft, settings)
    _add_system_files(draft, agent, host)
    uid, gid, userns, security = _engine_dependent(draft, host)
    mounts = _unique(draft)
    return LaunchPlan(
        session=request.session,
        agent=agent.name,
        profile=profile,
        share_auth=share,
        image=agent.image or settings.image,
        worktree=worktree.path,
        workdir=worktree.workdir,
        command=(*command, *request.args),
        mounts=mounts,
        env=draft.env,
        labels=_labels(request, agent, profile, share, settings, worktree, host),
        uid=uid,
        gid=gid,
        tty=request.tty,
        memory=settings.memory,
        cpus=settings.cpus,
        pids_limit=settings.pids_limit,
        network=settings.network,
        security_options=security,
        userns=userns,
        extra_run_args=settings.extra_run_args,
        docker_command=settings.docker_command,
        host_paths=(*draft.host_paths, *_mountpoints(mounts)),
        host_path_map=settings.host_path_map,
        share_scope=settings.share_scope,
        before=tuple(draft.before),
        start=draft.start,
        same_files=host.engine is None or not host.engine.desktop,
    ).warn(*draft.warnings)


def _sharing(request: SessionRequest, agent: Agent, settings: Settings, draft: _Draft) -> bool:
    wanted = settings.share_auth if request.share_auth is None else request.share_auth
    if wanted and not settings.allow_share_auth:
        draft.warnings.append(SHARING_FORBIDDEN)
        return False
    if wanted and not agent.known:
        draft.warnings.append(
            f"{agent.name!r} is no known agent, so no credentials are mounted; "
            f"c.AgentAuth.agents = {{{agent.name!r}: {{'auth_dirs': [...]}}}} would add it."
        )
        return False
    if wanted and settings.share_scope == CREDENTIALS and not can_be_split(agent):
        draft.warnings.append(
            f"The credentials of {agent.name} cannot be shared without its settings, so nothing "
            "of it is shared; c.AgentAuth.share_scope = 'config' shares both."
        )
        return False
    return wanted


def _add_identity(draft: _Draft, host: HostFacts) -> None:
    # Node's os.userInfo() throws for a uid without an entry (Gemini's store calls it).
    # The first entry of a uid gives its name, so ours stands before root's.
    files = {
        "passwd": (
            f"{USER}:x:{host.uid}:{host.gid}:{USER}:{CONTAINER_HOME}:/bin/sh\n"
            "root:x:0:0:root:/root:/bin/sh\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
        ),
        "group": f"{USER}:x:{host.gid}:\nroot:x:0:\nnogroup:x:65534:\n",
    }
    for name, text in files.items():
        source = posixpath.join(host.identity_dir, name)
        draft.host_paths.append(HostPath(source, "identity", text))
        draft.mounts.append(Mount(source, f"/etc/{name}", True, "identity"))


def _add_worktree(draft: _Draft, worktree: Worktree) -> None:
    draft.mounts.append(Mount(worktree.path, worktree.path, False, "worktree"))
    if worktree.git is None:
        return
    for mount in git_mounts(worktree.path, worktree.git):
        if mount.directory or mount.seed is not None:
            draft.host_paths.append(HostPath(mount.path, "git", mount.seed))
        draft.mounts.append(Mount(mount.path, mount.path, mount.read_only, "git"))
    if worktree.git.git_dir != worktree.git.common_dir:
        draft.host_paths.append(HostPath(worktree.git.common_dir, "packed_refs"))


def _add_env(
    draft: _Draft,
    agent: Agent,
    worktree: Worktree,
    settings: Settings,
    host: HostFacts,
    tty: bool,
) -> None:
    draft.env.update({"HOME": CONTAINER_HOME, "USER": USER, "LOGNAME": USER})
    draft.env.update(worktree.identity)
    if worktree.git is not None:
        # What git would try by itself and cannot do behind read-only control files.
        quiet = {
            "gc.auto": "0",
            "maintenance.auto": "false",
            "gc.worktreePruneExpire": "never",
            "branch.autoSetupMerge": "false",
            "rerere.enabled": "false",
        }
        draft.env["GIT_CONFIG_COUNT"] = str(len(quiet))
        for number, (key, value) in enumerate(quiet.items()):
            draft.env[f"GIT_CONFIG_KEY_{number}"] = key
            draft.env[f"GIT_CONFIG_VALUE_{number}"] = value
    for name in settings.env_passthrough:
        # terminado always sets TERM for the process in its terminal.
        if name in host.env_names or (name == "TERM" and tty):
            draft.env.setdefault(name, None)
    for name, given in agent.env.items():
        if given is not None:
            draft.env[name] = given.replace(HOME, CONTAINER_HOME)
        elif name in host.env_names:
            draft.env[name] = None


def _add_auth(draft: _Draft, agent: Agent, profile: str, settings: Settings) -> None:
    only_credentials = settings.share_scope == CREDENTIALS
    auth = (credential_mounts if only_credentials else config_mounts)(
        agent, profile, settings.auth_dir
    )
    draft.mounts += auth.mounts
    draft.host_paths += auth.host_paths
    draft.env.update(auth.env)
    draft.before += auth.before
    draft.start = auth.start or draft.start
    draft.warnings += auth.warnings


def _check_worktree(worktree: Worktree, draft: _Draft) -> None:
    """Refuse a worktree that lies where the container has its home, or the agent its files."""
    taken = [m.target for m in draft.mounts if m.purpose in ("auth", "cache", "identity")]
    for path in (CONTAINER_HOME, *taken):
        above = (path + "/").startswith(worktree.path + "/")
        below = path != CONTAINER_HOME and worktree.path.startswith(path + "/")
        if above or below:
            raise BadRequest(
                f"{shown(worktree.path)} is where the container keeps {path}: move the worktree.",
                "bad_worktree",
            )


def _add_carried(draft: _Draft, worktree: Worktree) -> None:
    for path in worktree.carried:
        draft.host_paths.append(HostPath(path, "carried"))
        draft.mounts.append(Mount(path, path, True, "extra"))


def _add_extra_mounts(draft: _Draft, settings: Settings) -> None:
    for extra in settings.extra_mounts:
        draft.mounts.append(Mount(extra.source, extra.target, extra.read_only, "extra"))


def _add_system_files(draft: _Draft, agent: Agent, host: HostFacts) -> None:
    taken = {mount.target for mount in draft.mounts}
    for path, text in agent.system_files.items():
        if path not in taken:
            source = posixpath.join(host.identity_dir, f"{agent.name}{path.replace('/', '-')}")
            draft.host_paths.append(HostPath(source, "identity", text))
            draft.mounts.append(Mount(source, path, True, "extra"))


def _engine_dependent(draft: _Draft, host: HostFacts) -> tuple[int, int, str, tuple[str, ...]]:
    facts = host.engine
    if facts is None:
        draft.warnings.append(
            "The container engine was not reached yet, so this is planned for an ordinary one "
            "(not rootless, no user namespaces, no SELinux); `jupyter agentauth doctor` asks it."
        )
        return host.uid, host.gid, "", ()
    # A rootless engine maps its own user to uid 0 of the container, any other uid to a
    # subordinate one that owns nothing of the user's.
    uid, gid = (0, 0) if facts.rootless else (host.uid, host.gid)
    # With userns-remap every uid is a subordinate one, unless the container opts out.
    userns = "host" if facts.userns_remap and not facts.rootless else ""
    security = ("label=disable",) if facts.selinux else ()
    if facts.rootless:
        draft.host_paths[:] = [_as_root(path) for path in draft.host_paths]
    return uid, gid, userns, security


def _as_root(path: HostPath) -> HostPath:
    if path.kind != "identity" or path.text is None:
        return path
    first, rest = path.text.split("\n", 1)
    first = re.sub(r":x:\d+(:\d+)?", lambda m: ":x:0:0" if m.group(1) else ":x:0", first)
    return replace(path, text=f"{first}\n{rest}")


def _unique(draft: _Draft) -> tuple[Mount, ...]:
    """Keep one mount a target; the first wins, so the configuration replaces nothing of ours."""
    mounts: dict[str, Mount] = {}
    for mount in draft.mounts:
        if mount.target in mounts:
            if mount.purpose == "extra":
                draft.warnings.append(
                    f"The extra mount at {mount.target} is left out: something is mounted there."
                )
            continue
        mounts[mount.target] = mount
    return tuple(mounts.values())


def _mountpoints(mounts: tuple[Mount, ...]) -> Iterator[HostPath]:
    """Mount points inside other mounts, which the engine would otherwise make as root."""
    for mount in mounts:
        if mount.purpose == "git":
            continue
        around = [m for m in mounts if mount.target.startswith(m.target + "/")]
        if around:
            outer = max(around, key=lambda m: len(m.target))
            inside = posixpath.relpath(mount.target, outer.target)
            yield HostPath(posixpath.join(outer.source, inside), "mountpoint", mount.source)


def _labels(
    request: SessionRequest,
    agent: Agent,
    profile: str,
    share: bool,
    settings: Settings,
    worktree: Worktree,
    host: HostFacts,
) -> dict[str, str]:
    labels = {
        f"{LABEL}session": request.session,
        f"{LABEL}machine": host.machine,
        f"{LABEL}agent": agent.name,
        f"{LABEL}profile": profile,
        f"{LABEL}worktree": worktree.path,
        f"{LABEL}share-auth": "true" if share else "false",
        f"{LABEL}share-scope": settings.share_scope,
        f"{LABEL}uid": str(host.uid),
        f"{LABEL}owner": host.owner,
    }
    if share:
        labels[f"{LABEL}store"] = settings.auth_dir
    if request.server:
        labels[f"{LABEL}server"] = request.server
    return labels
