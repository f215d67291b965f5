"""The server's REST API for a kernel; every call blocks.

A kernel can outlive its server: a client that `connect` returned goes on with the one that took
its place.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from .servers import find_server
from .transport import Told, Transport, given


class Client(Transport):
    """The REST API of one server, a method for each route."""

    def agents(self) -> list[dict[str, Any]]:
        """Return the agents, with their sign-ins."""
        return list(self.get("agents"))

    def sign_out(self, agent: str, profile: str | None = None) -> None:
        """Delete what an agent stored under a profile."""
        self.delete(f"agents/{_part(agent)}/auth", profile=profile)

    def settings(self) -> dict[str, Any]:
        """Return the settings; ``share_auth`` is the sharing preference."""
        return dict(self.get("settings"))

    def change_settings(self, **changes: object) -> dict[str, Any]:
        """Change ``share_auth`` or ``profile``, and return the settings."""
        return dict(self.patch("settings", changes))

    def worktrees(self) -> list[dict[str, Any]]:
        """Return the git worktrees under the server's root."""
        return list(self.get("worktrees"))

    def choices(self, repo: str) -> dict[str, Any]:
        """Return what there is to choose from for a new worktree of a repository."""
        return dict(self.get("worktrees/choices", repo=repo))

    def add_worktree(
        self,
        repo: str,
        branch: str,
        base: str | None = None,
        path: str | None = None,
        carry: Sequence[dict[str, str]] = (),
    ) -> dict[str, Any]:
        """Make a worktree; ``repo`` is the path of any worktree of its repository."""
        wanted = {"repo": repo, "branch": branch, "base": base, "path": path}
        body = {key: value for key, value in wanted.items() if value is not None}
        return dict(self.post("worktrees", {**body, "carry": list(carry)}))

    def remove_worktree(self, path: str, force: bool = False) -> None:
        """Remove a worktree; with ``force`` also with unsaved work and sessions."""
        self.delete("worktrees", path=path, force="true" if force else "false")

    def changes(self, path: str, since: str = "head") -> dict[str, Any]:
        """Return what changed in a worktree since ``head`` or ``base``."""
        return dict(self.get("worktrees/changes", path=path, since=since))

    def apply_worktree(
        self, path: str, message: str | None = None, into: str | None = None
    ) -> dict[str, Any]:
        """Commit what is in a worktree, and merge its branch into another worktree."""
        wanted = {"path": path, "message": message, "into": into}
        return dict(self.post("worktrees/apply", given(wanted)))

    def discard_worktree(self, path: str) -> dict[str, Any]:
        """Remove a worktree and its branch; the answer says how to have them back."""
        return dict(self.post("worktrees/discard", {"path": path}))

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sessions that run, and those that ended."""
        return list(self.get("sessions"))

    def session(self, session: str) -> dict[str, Any]:
        """Return one session."""
        return dict(self.get(f"sessions/{_part(session)}"))

    def open_session(
        self,
        agent: str,
        args: Sequence[str] = (),
        worktree: str | None = None,
        profile: str | None = None,
        share_auth: bool | None = None,
        resume: str | None = None,
    ) -> dict[str, Any]:
        """Open a session in a terminal of the server.

        Parameters
        ----------
        resume : str, optional
            The conversation of a run to go on with.
        """
        return dict(
            self.post("sessions", _launch(agent, args, worktree, profile, share_auth, resume))
        )

    def stop_session(self, session: str) -> None:
        """Stop a session, or a run; its container is gone then."""
        self.delete(f"sessions/{_part(session)}")

    def restart_session(self, session: str) -> dict[str, Any]:
        """Start a session anew as it was started."""
        return dict(self.post(f"sessions/{_part(session)}/restart"))

    def image(self) -> dict[str, Any]:
        """Return the agent image and the versions in it."""
        return dict(self.get("image"))

    def build_image(self, base_image: str | None = None, agents: Sequence[str] = ()) -> Told:
        """Build the agent image and yield its progress; it goes on while anybody reads it."""
        wanted = {"base_image": base_image, "agents": list(agents) or None}
        return self.stream("POST", "image/build", given(wanted))

    def join_build(self) -> Told:
        """Yield the lines of the build that runs, from the first on; none when none runs."""
        return self.stream("GET", "image/build")

    def cancel_build(self) -> None:
        """Break the image build off, if one runs."""
        self.delete("image/build")

    def doctor(self) -> list[dict[str, Any]]:
        """Return what works, what does not, and what mends it."""
        return list(self.get("doctor"))

    def run(
        self,
        agent: str,
        prompt: str,
        args: Sequence[str] = (),
        worktree: str | None = None,
        profile: str | None = None,
        share_auth: bool | None = None,
        resume: str | None = None,
    ) -> Told:
        """Run one prompt without a terminal, and yield what the agent tells as it comes."""
        asked = _launch(agent, args, worktree, profile, share_auth, resume)
        return self.stream("POST", "runs", {**asked, "prompt": prompt})

    def join_run(self, run: str) -> Told:
        """Yield the lines of a run, from the first on."""
        return self.stream("GET", f"runs/{_part(run)}")

    def stop_run(self, run: str) -> None:
        """Cancel a run; its container is gone then."""
        self.delete(f"runs/{_part(run)}")


#: By a hash of the environment that says which server it is: that holds a token.
_connected: dict[bytes, Client] = {}


def connect() -> Client:
    """Return the client of this kernel's server; the same one each time.

    A kernel can outlive its server: it goes on with the one that took its place.

    Raises
    ------
    ServerNotFound
    """
    environment = _environment()
    if environment not in _connected:
        _connected[environment] = Client(find_server(), find_server)
    return _connected[environment]


def _environment() -> bytes:
    names = ("AGENTAUTH_SERVER_URL", "AGENTAUTH_SERVER_TOKEN", "JUPYTER_RUNTIME_DIR")
    digest = hashlib.sha256()
    for name in names:
        digest.update(os.environb.get(os.fsencode(name), b"") + b"\0")
    return digest.digest()


def _launch(
    agent: str,
    args: Sequence[str],
    worktree: str | None,
    profile: str | None,
    share_auth: bool | None,
    resume: str | None,
) -> dict[str, Any]:
    wanted = {
        "agent": agent, "args": list(args), "worktree": worktree, "profile": profile,
        "share_auth": share_auth, "resume": resume,
    }  # fmt: skip
    return given(wanted)


def _part(text: str) -> str:
    """Quote one part of a path."""
    return quote(text, safe="")
