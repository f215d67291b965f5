"""Builders for planner tests: a host, a worktree and settings with plain defaults."""

from __future__ import annotations

from dataclasses import replace

from jupyter_agentauth.launch_plan import LaunchPlan
from jupyter_agentauth.plan import make_plan
from jupyter_agentauth.settings import (
    EngineFacts,
    GitLayout,
    HostFacts,
    SessionRequest,
    Settings,
    Worktree,
)

HOST = HostFacts(
    uid=4321,
    gid=4321,
    env_names=frozenset({"LANG", "JUPYTER_TOKEN", "ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY"}),
    identity_dir="/run-dir/agentauth",
    engine=EngineFacts(version="20.10"),
    home="/home/me",
)
SETTINGS = Settings(auth_dir="/store")
LINKED = Worktree(
    "/src/wt",
    "/src/wt/sub",
    GitLayout("/src/main/.git/worktrees/wt", "/src/main/.git", pointer=True),
)
MAIN = Worktree("/src/main", "/src/main", GitLayout("/src/main/.git", "/src/main/.git"))


def plan(
    agent: str = "claude",
    *,
    worktree: Worktree = LINKED,
    settings: Settings = SETTINGS,
    host: HostFacts = HOST,
    **request: object,
) -> LaunchPlan:
    """Plan with defaults; keyword arguments change the request."""
    wanted = replace(SessionRequest(agent, "abc123"), **request)
    return make_plan(wanted, worktree, settings, host)


def targets(launch: LaunchPlan, purpose: str) -> dict[str, str]:
    """Return target → source of the mounts of one purpose."""
    return {m.target: m.source for m in launch.mounts if m.purpose == purpose}
