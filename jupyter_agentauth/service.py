"""The one door to planning, preparing, the store, the engine and the image.

The commands and the server both come through here, so each rule stands once. All
methods block; the server calls them in threads.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

from .agent_image import AgentImage
from .agent_names import check_name, known_agent, nearest
from .agent_status import agent_status
from .authstore import AuthStore, StoreError
from .config import AgentAuth
from .docker_run import docker_run_argv
from .ending import exit_code_of, how_it_ended, reached_memory_limit
from .engine import Engine, RunningContainer
from .errors import Conflict, EngineError, Forbidden, NotFound, shown
from .foreign_files import empty_as_root
from .git.paths import inside
from .git.repository import repositories
from .headless.arguments import (
    check_conversations_kept,
    headless_arguments,
    resume_arguments,
)
from .host import host_facts, keep_engine_facts
from .launch_plan import LaunchPlan
from .leftovers import without_leftovers
from .owner import owner
from .plain_directories import remember
from .plan import make_plan
from .preferences import Preferences
from .prepare import prepare
from .requests import LaunchRequest, RunRequest
from .settings import SessionRequest, Settings
from .signed_in_launch import launch_signed_in
from .signout import sign_out, sign_out_everywhere
from .store_layout import store_path
from .worktrees.apply import Applied
from .worktrees.discard import Discarded
from .worktrees.listing import ListedWorktree
from .worktrees.remove import Removal
from .worktrees.requests import WorktreeToApply
from .worktrees.service import WorktreeService

#: A session's id, as `AgentAuthService.plan` makes it.
_SESSION = re.compile(r"[0-9a-f]{12}")


class AgentAuthService:
    """What users can ask for.

    Parameters
    ----------
    config : AgentAuth
        The traits.
    preferences : Preferences
        The user's stored choices.
    root : str
        Where relative worktrees begin.
    default_roots : tuple of str
        What ``allowed_roots`` is while it is not set; empty for no limit.
    server : str
        The id of the server that this is, see `server.identity`; empty for the commands.
    """

    def __init__(
        self,
        config: AgentAuth,
        preferences: Preferences,
        root: str,
        default_roots: tuple[str, ...] = (),
        server: str = "",
    ) -> None:
        self.config = config
        self.preferences = preferences
        self.root = root
        self.default_roots = default_roots
        self.server = server
        self.engine = Engine(tuple(config.docker_command))
        self._facts_asked = False
        self._held: dict[str, int] = {}

    @property
    def settings(self) -> Settings:
        """The traits and the user's choices, read anew."""
        return self.config.settings(self.preferences.read())

    @property
    def store(self) -> AuthStore:
        """The credential store."""
        return AuthStore(self.config.auth_dir)

    @property
    def image(self) -> AgentImage:
        """The agent image, and the images of agents that have their own."""
        return AgentImage(self.engine, self.settings)

    @property
    def allowed_roots(self) -> tuple[str, ...]:
        """Where worktrees may lie; empty for no limit."""
        return self.settings.allowed_roots or self.default_roots

    @property
    def worktree_service(self) -> WorktreeService:
        """The git worktrees."""
        # Jupyter's own directories hold its tokens, and configuration that it executes.
        jupyter = [jupyter_config_dir(), jupyter_data_dir(), jupyter_runtime_dir()]
        private = [self.config.auth_dir, *jupyter]
        return WorktreeService(self.root, self.allowed_roots, private, self.preferences)

    def settings_json(self) -> dict[str, object]:
        """Return the contract's object of ``GET settings``."""
        self.preferences.set_aside()
        settings = self.settings
        return {
            "share_auth": settings.share_auth and settings.allow_share_auth,
            "allow_share_auth": settings.allow_share_auth,
            "share_scope": settings.share_scope,
            "profile": settings.profile,
            "auth_dir": settings.auth_dir,
            "image": settings.image,
        }

    def change_settings(self, changes: Mapping[str, Any]) -> dict[str, object]:
        """Persist choices at once and return the whole of the settings.

        Parameters
        ----------
        changes : mapping
            Checked by `requests.parse_settings_change`.

        Raises
        ------
        Forbidden
            When an administrator's setting stands against it; nothing is stored then.
        Conflict
            When it cannot be saved.
        """
        if "allow_share_auth" in changes:
            raise Forbidden(
                "Only the server's configuration sets allow_share_auth "
                "(c.AgentAuth.allow_share_auth).",
                "read_only_setting",
            )
        if "share_auth" in changes and not self.config.allow_share_auth:
            raise Forbidden(
                "Sharing is switched off by the administrator (c.AgentAuth.allow_share_auth), so "
                "it cannot be changed.",
                "sharing_forbidden",
            )
        if changes:
            self.preferences.write(dict(changes))
        return self.settings_json()

    def plan(self, request: LaunchRequest) -> LaunchPlan:
        """Plan a session; writes nothing and asks no engine.

        Raises
        ------
        AgentAuthError
            With one sentence when the agent, the worktree or the profile will not do.
        """
        settings = self.settings
        args = request.args
        if request.resume is not None and request.tty:
            resumed = known_agent(request.agent, settings.agents)
            args = (*resume_arguments(resumed, request.resume), *args)
        wanted = SessionRequest(
            agent=request.agent,
            session=secrets.token_hex(6),
            args=args,
            share_auth=request.share_auth,
            profile=request.profile,
            tty=request.tty,
            # Without a terminal there is nothing that another server could take over.
            server=self.server if request.tty else "",
        )
        check_name(wanted.profile or settings.profile, "profile")
        worktree = self.worktree_service.find(request.worktree or "")
        plan = make_plan(wanted, worktree, settings, host_facts())
        if request.resume is not None:
            check_conversations_kept(plan)
        return plan

    def headless(self, request: RunRequest) -> tuple[LaunchRequest, str, str]:
        """Return how a prompt is run without a terminal; asks no engine.

        Returns
        -------
        LaunchRequest
        stdin : str
        events : str
            The form of what it prints, see `headless.output`.

        Raises
        ------
        BadRequest, Conflict, NotFound
        """
        launch, table = request.launch, self.settings.agents
        agent = known_agent(launch.agent, table)
        if agent is None and request.prompt.strip():
            raise NotFound(
                f"{launch.agent!r} is no agent that takes a prompt: {nearest(launch.agent, table)}",
                "unknown_agent",
            )
        args, stdin = headless_arguments(agent, request.prompt, launch.resume)
        events = agent.events if agent is not None else ""
        return replace(launch, args=(*args, *launch.args)), stdin, events

    def launch(self, request: LaunchRequest) -> LaunchPlan:
        """Plan a session, check that the engine can start it, and make its host side.

        Returns
        -------
        LaunchPlan
            Ready for ``docker run``. Its directories in the store are there until `launched`,
            or this process's end.

        Raises
        ------
        AgentAuthError
            Nothing was made then.
        """
        self.preferences.set_aside()
        # The plan first: what is wrong with the request is said with or without an engine.
        plan = self.plan(request)
        if not self._facts_asked:
            if keep_engine_facts(self.engine.facts()):
                plan = self.plan(request)
            self._facts_asked = True
        self.containers()  # What a killed launch left is removed.
        docker_run_argv(plan)  # A path that it cannot hold is refused before anything is made.
        self._check_command(plan)
        if plan.is_plain:
            plan = self._remember_plain(plan)
        if not plan.share_auth:
            return prepare(plan, self.store)
        repaired: list[str] = []
        with suppress(StoreError):  # What is wrong with it, `prepare` says.
            root = store_path(str(self.store.root), plan.agent, plan.profile)
            self._held[plan.session] = self.store.hold(root, repaired)
        plan = plan.warn(*repaired)
        try:
            agent = self.settings.agents[plan.agent]
            return launch_signed_in(prepare(plan, self.store), agent, self.store, self.containers)
        except BaseException:
            self.launched(plan.session)
            raise

    def launched(self, session: str) -> None:
        """Let go of a launch's directories: its container runs, or never will."""
        if session in self._held:
            os.close(self._held.pop(session))

    def _remember_plain(self, plan: LaunchPlan) -> LaunchPlan:
        try:
            remember(plan.worktree, repositories(plan.worktree))
        except OSError as error:
            return plan.warn(
                "A repository that the agent makes there will not be told from yours, since that "
                f"could not be kept ({error.strerror})."
            )
        return plan

    def _check_command(self, plan: LaunchPlan) -> None:
        if self.image.has(plan.image, plan.command[0]):
            return
        agent = self.settings.agents.get(plan.agent)
        if agent is not None and plan.command[0] == agent.command[0]:
            raise self.image.command_missing(agent)
        hint = nearest(plan.agent, self.settings.agents)
        raise NotFound(
            f"The image {plan.image} has no command {plan.command[0]!r}: {hint}",
            "command_not_in_image",
        )

    def title(self, agent: str) -> str:
        """Return what people call an agent; one that is in no table has its name alone."""
        known = self.settings.agents.get(agent)
        return known.title if known is not None and known.title else agent

    def containers(self, session: str | None = None) -> list[RunningContainer]:
        """List this user's containers of ours, or one session's; leftovers are removed."""
        return without_leftovers(self.engine.client, self.engine.containers(owner(), session))

    def stop(self, session: str) -> bool:
        """Stop a session's container; returns whether there was one."""
        if not _SESSION.fullmatch(session):
            return False
        return self.engine.stop(owner(), session)

    def how_it_ended(
        self, container: str | None, exit_code: int | None
    ) -> tuple[int | None, str | None]:
        """Find out how a session ended whose container is gone.

        Parameters
        ----------
        container : str or None
            The engine's full id, if there was one.
        exit_code : int or None
            What its terminal knows of it.

        Returns
        -------
        tuple
            The exit code, and a sentence if that does not say it all.
        """
        memory_ended = False
        if container is not None and exit_code != 0:
            with suppress(EngineError):
                client = self.engine.client
                memory_ended = reached_memory_limit(client, container)
                if exit_code is None:
                    exit_code = exit_code_of(client, container)
        return exit_code, how_it_ended(exit_code, memory_ended, self.settings.memory)

    def agents(self) -> list[dict[str, object]]:
        """Return the contract's objects of ``GET agents``; works without an engine."""
        return agent_status(self.settings, self.store, self.image)

    def sign_out(self, agent: str, profile: str | None = None) -> list[str]:
        """Delete what an agent stored under a profile, and the profile with it.

        Returns
        -------
        list of str
            Running sessions that have its directories mounted: those stay, emptied.

        Raises
        ------
        NotFound
            For an agent that no table has.
        StoreError
        """
        settings = self.settings
        if check_name(agent) not in settings.agents:
            raise NotFound(
                f"There is no agent {agent!r}: known are {', '.join(settings.agents)}.",
                "agent_not_found",
            )
        profile = check_name(profile or settings.profile, "profile")
        return sign_out(self.store, settings.agents[agent], profile, self._users)

    def sign_out_everywhere(self) -> list[str]:
        """Empty the whole store; returns and raises as `sign_out` does."""
        return sign_out_everywhere(self.store, self.settings.agents, self._users)

    def _users(self, agent: str, profile: str) -> list[str] | None:
        store = str(self.store.root)
        try:
            found = self.containers()
        except EngineError:
            return None
        return [c.labels["session"] for c in found if c.shares(store, agent, profile)]

    def worktrees(self) -> list[ListedWorktree]:
        """List the worktrees under the server's root that a session may have."""
        return self.worktree_service.all()

    def remove_worktree(self, removal: Removal) -> None:
        """Remove a worktree in which no session runs any more.

        Raises
        ------
        Conflict
        """
        self._check_unused(removal.path)
        self.worktree_service.remove(
            removal, lambda directory: empty_as_root(self.engine, self.settings, directory)
        )

    def apply_worktree(self, wanted: WorktreeToApply) -> Applied:
        """Merge the branch of a worktree; no session runs in it, nor where it is merged into.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        return self.worktree_service.apply(wanted, self._check_unused)

    def discard_worktree(self, path: str) -> Discarded:
        """Remove a worktree in which no session runs, with its branch; what was in it is kept.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        return self.worktree_service.discard(path, self._check_unused, self.remove_worktree)

    def _check_unused(self, path: str, or_inside: bool = True) -> None:
        with suppress(EngineError):  # What it runs while it cannot be asked, nobody can stop.
            for container in self.containers():
                worktree = container.labels["worktree"]
                if inside(worktree, path) if or_inside else inside(path, worktree):
                    session = container.labels["session"]
                    raise Conflict(
                        f"The session {session} runs in {shown(path)}: `jupyter agentauth stop "
                        f"{session}` first.",
                        "worktree_in_use",
                    )
