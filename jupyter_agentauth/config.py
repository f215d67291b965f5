"""The configurable: `c.AgentAuth.…` in ``jupyter_server_config.py``."""

from __future__ import annotations

import os
import re
from typing import Any

from jupyter_core.paths import jupyter_data_dir
from traitlets import (
    Bool,
    Dict,
    Enum,
    Float,
    Int,
    List,
    TraitError,
    Unicode,
    Union,
    default,
    validate,
)
from traitlets.config import LoggingConfigurable

from .agent_table import make_table
from .errors import AgentAuthError
from .settings import DEFAULT_ENV_PASSTHROUGH, DEFAULT_IMAGE, ExtraMount, Settings

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]*")
_SIZE = re.compile(r"[1-9][0-9]*[bkmgBKMG]?")


class AgentAuth(LoggingConfigurable):
    """Agents in containers, and what they share."""

    share_auth = Bool(
        False,
        help="""
        Whether sharing of sign-ins is on until the user chooses. A user's own choice, once
        made, is kept and wins::

            c.AgentAuth.share_auth = True
        """,
    ).tag(config=True)

    allow_share_auth = Bool(
        True,
        help="""
        Set this to False to forbid sharing: no credentials are mounted then, whatever the
        user's stored choice, ``--share`` or a request says::

            c.AgentAuth.allow_share_auth = False
        """,
    ).tag(config=True)

    auth_dir = Unicode(
        help="""
        The directory in which sign-ins are kept, one directory for each agent. It must be
        on a disk that the container engine can reach::

            c.AgentAuth.auth_dir = "/home/me/.local/share/jupyter/agentauth"
        """,
    ).tag(config=True)

    image = Unicode(
        DEFAULT_IMAGE,
        help="""
        The image that agents run in. An agent may have its own (see ``agents``)::

            c.AgentAuth.image = "images.example.com/agents:2026-11"
        """,
    ).tag(config=True)

    agents = Dict(
        help="""
        Additions and changes to the table of agents, by name. A built-in agent is changed
        key by key; another name adds an agent::

            c.AgentAuth.agents = {
                "aider": {"command": "aider", "title": "Aider", "auth_dirs": [".aider"]},
                "claude": {"env": {"ANTHROPIC_MODEL": "opus"}},
            }

        Keys: command, auth_dirs, auth_files (path below HOME → the text it starts with),
        cache_dirs, credential_files (those that hold the sign-in and nothing else, for
        share_scope), env (a value, or None to pass the server's variable by name), headless,
        image, title, icon.
        """,
    ).tag(config=True)

    docker_command = List(
        Unicode(),
        default_value=["docker"],
        minlen=1,
        help="""
        The engine's command line client::

            c.AgentAuth.docker_command = ["/usr/local/bin/docker"]
        """,
    ).tag(config=True)

    env_passthrough = List(
        Unicode(),
        default_value=list(DEFAULT_ENV_PASSTHROUGH),
        help="""
        Names of the server's variables that every container gets. Nothing else of the
        server's environment goes in; an agent's own key variables go to that agent alone::

            c.AgentAuth.env_passthrough = ["LANG", "TERM", "HTTPS_PROXY"]
        """,
    ).tag(config=True)

    extra_mounts: List[Any] = List(
        help="""
        Bind mounts for every container, as "SOURCE:TARGET", "SOURCE:TARGET:ro" or a dict::

            c.AgentAuth.extra_mounts = [{"source": "/data", "target": "/data", "read_only": True}]
        """,
    ).tag(config=True)

    extra_run_args = List(
        Unicode(),
        help="""
        Further options of ``docker run``, for what we did not foresee. They come after
        ours, so they can also take walls down::

            c.AgentAuth.extra_run_args = ["--gpus", "all"]
        """,
    ).tag(config=True)

    network = Unicode(
        "",
        help="""
        ``bridge``, ``host``, ``none`` or a network's name; the engine's default if empty::

            c.AgentAuth.network = "agents"
        """,
    ).tag(config=True)

    memory = Unicode(
        "8g",
        help="""
        The memory that one container may use; its HOME lies in it, too::

            c.AgentAuth.memory = "4g"
        """,
    ).tag(config=True)

    cpus = Union(
        [Unicode(), Float()],
        default_value="",
        help="""
        The processors that one container may use; all if empty::

            c.AgentAuth.cpus = 1.5
        """,
    ).tag(config=True)

    pids_limit = Int(
        512,
        min=1,
        help="""
        The processes and threads that one container may have::

            c.AgentAuth.pids_limit = 1024
        """,
    ).tag(config=True)

    share_scope = Enum(
        ["config", "credentials"],
        default_value="config",
        help="""
        What is shared: "config", the agent's configuration directory with its sign-in, its
        settings and its history, or "credentials" alone, where the agent can be split so;
        settings and history then end with the session, and an agent that cannot be split
        shares nothing::

            c.AgentAuth.share_scope = "credentials"
        """,
    ).tag(config=True)

    allowed_roots = List(
        Unicode(),
        help="""
        Directories in which worktrees may lie. In the server it is the server's root
        directory unless set; for commands there is no limit unless set::

            c.AgentAuth.allowed_roots = ["/home/me/projects"]
        """,
    ).tag(config=True)

    host_path_map = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="""
        Where the server itself runs in a container: its paths → the engine's::

            c.AgentAuth.host_path_map = {"/home/jovyan": "/srv/users/me"}
        """,
    ).tag(config=True)

    @default("auth_dir")
    def _default_auth_dir(self) -> str:
        return os.path.join(jupyter_data_dir(), "agentauth")

    @validate("auth_dir")
    def _valid_auth_dir(self, proposal: dict[str, Any]) -> str:
        if "\0" in proposal["value"]:
            raise TraitError("c.AgentAuth.auth_dir holds a NUL character.")
        path = os.path.abspath(os.path.expanduser(proposal["value"] or self._default_auth_dir()))
        # Links above the store are the administrator's; below it none is followed.
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))

    @validate("image")
    def _valid_image(self, proposal: dict[str, Any]) -> str:
        if not _IMAGE.fullmatch(proposal["value"]):
            raise TraitError(
                f"c.AgentAuth.image takes the name of an image, not {proposal['value']!r}."
            )
        return str(proposal["value"])

    @validate("agents")
    def _valid_agents(self, proposal: dict[str, Any]) -> dict[str, Any]:
        try:
            make_table(proposal["value"])
        except AgentAuthError as error:
            raise TraitError(error.message) from None
        return dict(proposal["value"])

    @validate("env_passthrough")
    def _valid_env_passthrough(self, proposal: dict[str, Any]) -> list[str]:
        for name in proposal["value"]:
            if not _VARIABLE.fullmatch(name):
                shown = name.partition("=")[0]
                raise TraitError(
                    "c.AgentAuth.env_passthrough takes names of variables, without values: "
                    f"{shown!r} will not do."
                )
        return list(proposal["value"])

    @validate("extra_mounts")
    def _valid_extra_mounts(self, proposal: dict[str, Any]) -> list[Any]:
        for entry in proposal["value"]:
            _extra_mount(entry)
        return list(proposal["value"])

    @validate("memory")
    def _valid_memory(self, proposal: dict[str, Any]) -> str:
        if not _SIZE.fullmatch(proposal["value"]):
            raise TraitError(
                f"c.AgentAuth.memory takes a size such as '8g', not {proposal['value']!r}."
            )
        return str(proposal["value"])

    @validate("cpus")
    def _valid_cpus(self, proposal: dict[str, Any]) -> str:
        cpus = str(proposal["value"])
        if cpus and not re.fullmatch(r"[0-9]+(\.[0-9]+)?", cpus):
            raise TraitError(f"c.AgentAuth.cpus takes a number such as 1.5, not {cpus!r}.")
        return cpus

    def settings(self, preferences: dict[str, Any]) -> Settings:
        """Merge the traits with the user's stored choices.

        Parameters
        ----------
        preferences : dict
            As `Preferences.read` returns it.
        """
        return Settings(
            auth_dir=self.auth_dir,
            share_auth=preferences.get("share_auth", self.share_auth),
            allow_share_auth=self.allow_share_auth,
            profile=preferences.get("profile", "default"),
            share_scope=self.share_scope,
            image=self.image,
            agents=make_table(self.agents),
            docker_command=tuple(self.docker_command),
            env_passthrough=tuple(self.env_passthrough),
            extra_mounts=tuple(_extra_mount(entry) for entry in self.extra_mounts),
            extra_run_args=tuple(self.extra_run_args),
            network=self.network,
            memory=self.memory,
            cpus=str(self.cpus),
            pids_limit=self.pids_limit,
            allowed_roots=tuple(os.path.expanduser(root) for root in self.allowed_roots),
            host_path_map=dict(self.host_path_map),
        )


def _extra_mount(entry: object) -> ExtraMount:
    if isinstance(entry, str):
        source, _, rest = entry.partition(":")
        target, _, mode = rest.partition(":")
        if mode in ("", "ro", "rw"):
            return _checked_mount(entry, source, target, mode == "ro")
    elif isinstance(entry, dict) and not set(entry) - {"source", "target", "read_only"}:
        return _checked_mount(
            entry, entry.get("source"), entry.get("target"), entry.get("read_only", False)
        )
    raise TraitError(
        f"c.AgentAuth.extra_mounts takes 'SOURCE:TARGET[:ro]' or a dict, not {entry!r}."
    )


def _checked_mount(entry: object, source: object, target: object, read_only: object) -> ExtraMount:
    paths = isinstance(source, str) and isinstance(target, str)
    if paths and os.path.isabs(str(source)) and os.path.isabs(str(target)):
        return ExtraMount(str(source), os.path.normpath(str(target)), bool(read_only))
    raise TraitError(f"c.AgentAuth.extra_mounts needs absolute paths, not {entry!r}.")
