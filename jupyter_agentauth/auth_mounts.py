"""What of the credential store a container gets, in each form of sharing.

Both forms share directories: in a mounted file a program that replaces it by renaming fails,
and parallel writes tear it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from .known_agents import Agent
from .launch_plan import CONTAINER_HOME, HostPath, Mount
from .split import CREDENTIALS_DIR, make_links, run_and_keep_links, write_once
from .store_layout import store_path


@dataclass(frozen=True)
class AuthMounts:
    """Mounts, what must be on the host for them, and what the container needs beside them.

    Parameters
    ----------
    env : mapping
        Variables that lead the agent to what is shared.
    before : tuple of str
        Shell commands that do.
    start : str
        Shell commands that run the agent, instead of what a plan has by itself.
    warnings : tuple of str
        What the user should know of it.
    """

    mounts: tuple[Mount, ...]
    host_paths: tuple[HostPath, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    start: str = ""
    warnings: tuple[str, ...] = ()


def config_mounts(agent: Agent, profile: str, auth_dir: str) -> AuthMounts:
    """Share the agent's directories, with its sign-in, its settings and its caches."""
    host_paths = [HostPath(store_path(auth_dir, agent.name, profile), "store")]
    mounts, warnings = [], []
    entries = [(d, "auth") for d in agent.auth_dirs] + [(d, "cache") for d in agent.cache_dirs]
    for directory, purpose in entries:
        mount = _mount(agent, profile, auth_dir, directory, purpose)
        host_paths.append(HostPath(mount.source, "store"))
        mounts.append(mount)
    for name, seed in agent.auth_files.items():
        mount = _mount(agent, profile, auth_dir, name, "auth")
        host_paths.append(HostPath(mount.source, "store_file", seed))
        if name in agent.single_files:
            mounts.append(mount)
            warnings.append(
                f"~/{name} of {agent.name} is mounted as a single file: a program that replaces "
                "it by renaming fails, and parallel writes can tear it; prefer a directory."
            )
    return AuthMounts(tuple(mounts), tuple(host_paths), warnings=tuple(warnings))


def credential_mounts(agent: Agent, profile: str, auth_dir: str) -> AuthMounts:
    """Share the agent's credential files alone; see `split`."""
    mount = _mount(agent, profile, auth_dir, CREDENTIALS_DIR, "auth")
    # What the agent must find is in its own home there, new in every session.
    seeds = {f: seed for f, seed in agent.auth_files.items() if f not in agent.credential_files}
    host_paths = (store_path(auth_dir, agent.name, profile), mount.source)
    return AuthMounts(
        mounts=(mount,),
        host_paths=tuple(HostPath(path, "store") for path in host_paths),
        env={agent.credentials_env: mount.target} if agent.credentials_env else {},
        before=(*make_links(agent, CONTAINER_HOME), *write_once(seeds, CONTAINER_HOME)),
        start=run_and_keep_links(agent, CONTAINER_HOME),
    )


def _mount(agent: Agent, profile: str, auth_dir: str, path: str, purpose: str) -> Mount:
    source = store_path(auth_dir, agent.name, profile, path)
    return Mount(source, posixpath.join(CONTAINER_HOME, path), False, purpose)
