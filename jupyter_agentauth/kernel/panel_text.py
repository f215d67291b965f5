"""What the panel in a notebook says, in the words of JupyterLab's side panel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath, PurePosixPath
from typing import Any

from .panel_state import Build, PanelState, has_ended
from .shown_text import name_text
from .titles import agent_title, worktree_name

#: The switch, as in the side panel.
SHARE = "Share sign-ins between containers"

_KEEPS = "Running sessions keep the setting they started with."


def sharing_sentence(settings: Mapping[str, Any]) -> str:
    """Say what the sharing switch does, or why it cannot be used."""
    if not settings["allow_share_auth"]:
        return (
            "Switched off by the administrator (c.AgentAuth.allow_share_auth): what an agent "
            "signs in with ends with its container."
        )
    does = (
        f"Sign in once: credentials are kept in {settings['auth_dir']} and shared with every "
        "container of that agent."
    )
    if settings["share_auth"]:
        return f"{does} {_KEEPS}"
    return f"{does} While it is off, what an agent signs in with ends with its container. {_KEEPS}"


def sign_in_text(agent: Mapping[str, Any], profile: str) -> str:
    """Say whether an agent is signed in under the chosen profile."""
    expires = next((p["expires"] for p in agent["profiles"] if p["name"] == profile), None)
    state = "not signed in"
    if agent["signed_in"] is None:
        state = "sign-in unknown"
    elif agent["signed_in"]:
        state = f"signed in until {_minute(expires)}" if expires else "signed in"
    return state if profile == "default" else f"{state} (profile {profile})"


def problem_text(problem: str, mend: str | None) -> str:
    """Say a problem, and what mends it: the panel's button, a command or a line of configuration.

    A command that the problem's sentence names itself is not said twice.
    """
    if mend and re.fullmatch("jupyter agentauth image (build|update)", mend):
        return f"{problem} The button of the image, below, does that."
    if not mend or mend in problem:
        return problem
    if mend.startswith("c."):
        return f"{problem} In jupyter_server_config.py, and then start the server again: {mend}"
    return f"{problem} In a terminal: {mend}"


def title_of(agent: str, agents: Sequence[Mapping[str, Any]]) -> str:
    """Return an agent's title as the server has it; a command's name."""
    told = next((known["title"] for known in agents if known["name"] == agent), "")
    return told or ("Shell" if agent == "bash" else agent_title(agent))


def session_text(session: Mapping[str, Any], state: PanelState) -> str:
    """Return what a session is called: "Claude Code · fix-typo"."""
    return f"{title_of(session['agent'], state.agents)} · {_place(session['worktree'], state)}"


def session_facts(session: Mapping[str, Any]) -> str:
    """Return how a session is."""
    facts = [str(session["state"])]
    if has_ended(session):
        code = session["exit_code"]
        facts = ["ended" if code is None else f"ended, exit code {code}"]
    facts.append(f"since {_minute(session['started'])}")
    if session["profile"] != "default":
        facts.append(f"profile {session['profile']}")
    facts.append("sharing on" if session["share_auth"] else "sharing off")
    if session.get("terminal") is None and not has_ended(session):
        facts.append("no terminal")
    return ", ".join(facts)


def worktree_options(state: PanelState, directory: str) -> tuple[tuple[str, str], ...]:
    """Return where an agent can be opened, as pairs of a label and a path.

    Parameters
    ----------
    directory : str
        The notebook's own, which is a choice when no worktree holds it.
    """
    options = [(_worktree_label(worktree), worktree["path"]) for worktree in state.worktrees]
    if worktree_of(directory, state.worktrees) is None:
        options.insert(0, (f"this notebook's directory, {name_text(directory)}", directory))
    return tuple(options)


def worktree_of(directory: str, worktrees: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the path of the worktree that holds a directory; the innermost one."""
    place = PurePath(directory)
    holding = [w["path"] for w in worktrees if place.is_relative_to(w["path"])]
    return max(holding, key=len, default=None)


def repositories(state: PanelState) -> tuple[tuple[str, str], ...]:
    """Return the repositories, as pairs of a name and the main worktree's path."""
    paths = sorted({str(worktree["repo"]) for worktree in state.worktrees})
    names = [worktree_name(path) for path in paths]
    return tuple(
        (name_text(name if names.count(name) == 1 else path), path)
        for name, path in zip(names, paths, strict=True)
    )


def image_text(state: PanelState) -> str:
    """Say what the image is."""
    image = state.image
    if image is None:
        return state.errors.get("image") or "Not read yet."
    if not image["present"]:
        return (
            f"Agents run in an image, {image['name']}, which is not there yet. It is built once, "
            "with all of them, in some minutes."
        )
    versions = ", ".join(
        f"{title_of(name, state.agents)} {version}"
        for name, version in image["agents"].items()
        if version
    )
    made = f", built {_minute(image['created'])}" if image["created"] else ""
    return f"{image['name']}{made}: {versions or 'without agents'}."


def build_text(build: Build) -> str:
    """Say what a build does, or how it ended."""
    if build.state != "running":
        return build.message
    if build.step is None or build.total is None:
        return build.message or "The build begins."
    return f"Step {build.step} of {build.total}: {build.message}"


def _worktree_label(worktree: Mapping[str, Any]) -> str:
    name = name_text(worktree["branch"] or f"{worktree_name(worktree['path'])} (no branch)")
    changes = worktree["changes"]
    changed = {
        None: "changes unknown",
        0: "no changes",
        1: "1 file changed",
    }.get(changes, f"{changes} files changed")
    return f"{name_text(PurePosixPath(worktree['repo']).name)}: {name}, {changed}"


def _place(path: str, state: PanelState) -> str:
    branch = next((w["branch"] for w in state.worktrees if w["path"] == path), None)
    return name_text(branch or worktree_name(path))


def _minute(time: str) -> str:
    """Return a time of the server (ISO 8601, UTC) to the minute; without seconds and zone."""
    return f"{time[:16].replace('T', ' ')} UTC"
