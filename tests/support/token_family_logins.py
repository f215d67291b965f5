"""How the agents whose tokens expire sign in, each by its own login, at a `TokenFamily`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance_agents import AGENTS, Conformance
from providers.logins import CODE

if TYPE_CHECKING:
    from conformance_bench import Bench


@dataclass(frozen=True)
class Expiring:
    """One agent whose sign-in has to be refreshed.

    Parameters
    ----------
    agent : Conformance
        With the login that gives such a sign-in.
    rotates : bool
        Whether its provider's refresh tokens are single-use.
    env : mapping of str to str
        What the login needs.
    """

    agent: Conformance
    rotates: bool = True
    env: Mapping[str, str] = field(default_factory=dict)


def _codex_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    with bench.dialogue(worktree, "login", "--device-auth", profile=profile) as terminal:
        assert terminal.until_ended() == 0, terminal.screen


def _gemini_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    stored = bench.stored(".gemini/oauth_creds.json", profile)
    answers = {"Enter the authorization code": f"{CODE}\r", "Sign in with Google": "1"}
    with bench.dialogue(worktree, profile=profile) as terminal:
        terminal.answer(answers, lambda: stored.is_file() and stored.stat().st_size > 0)


def _opencode_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    login = ("auth", "login", "--provider", "openai")
    with bench.dialogue(worktree, *login, profile=profile) as terminal:
        terminal.until("ChatGPT Pro/Plus (headless)")
        terminal.type("\x1b[B\r")
        assert terminal.until_ended() == 0, terminal.screen


EXPIRING = {
    "claude": Expiring(AGENTS["claude"]),
    "codex": Expiring(replace(AGENTS["codex"], sign_in=_codex_sign_in)),
    "gemini": Expiring(
        replace(AGENTS["gemini"], sign_in=_gemini_sign_in),
        # Google's refresh tokens go on working.
        rotates=False,
        env={"NO_BROWSER": "true"},
    ),
    "opencode": Expiring(replace(AGENTS["opencode"], sign_in=_opencode_sign_in)),
}
