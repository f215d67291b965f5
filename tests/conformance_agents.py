"""The agents of the conformance suite: a new agent is one more entry in `AGENTS`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformance_bench import Bench


@dataclass(frozen=True)
class Conformance:
    """How one agent is signed in and pointed at the stand-in.

    Parameters
    ----------
    name : str
        In the table of agents.
    credential : str
        What its sign-in stores, and a request's header carries.
    sign_in : callable
        Signs it in, in container 1: ``sign_in(bench, worktree, profile)``.
    settings : callable
        From the stand-in's address, the entry of ``c.AgentAuth.agents`` that points it
        there. Nothing of it is a credential, and nothing lies in the store, so that it
        holds without sharing and after a sign-out, too.
    unsigned : str
        What it says to a prompt when it is not signed in.
    """

    name: str
    credential: str
    sign_in: Callable[[Bench, Path, str], None]
    settings: Callable[[str], Mapping[str, Any]]
    unsigned: str


CLAUDE_TOKEN = "sk-ant-oat01-conformance"
CODEX_KEY = "sk-conformance-codex"


def _claude_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    # Its own sign-in needs Anthropic's pages. This is the form that 2.1.330 writes.
    scopes = ["user:inference", "user:profile", "user:sessions:claude_code"]
    tokens = {
        "accessToken": CLAUDE_TOKEN,
        "refreshToken": "sk-ant-ort01-conformance",
        "expiresAt": int((time.time() + 86400) * 1000),
        "scopes": scopes,
        "subscriptionType": "max",
    }
    bench.place(".claude/.credentials.json", json.dumps({"claudeAiOauth": tokens}), profile)


def _codex_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    done = bench.run(worktree, "login", "--with-api-key", profile=profile, stdin=CODEX_KEY)
    assert done.returncode == 0, done.stderr


_ALL = (
    Conformance(
        name="claude",
        credential=CLAUDE_TOKEN,
        sign_in=_claude_sign_in,
        settings=lambda url: {
            "env": {"ANTHROPIC_BASE_URL": url, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        },
        unsigned="Not logged in",
    ),
    Conformance(
        name="codex",
        credential=CODEX_KEY,
        sign_in=_codex_sign_in,
        settings=lambda url: {
            # 0.169.0 ignores OPENAI_BASE_URL. Without a way out, the other two cost 5 s.
            "command": [
                "codex",
                *("-c", f'openai_base_url="{url}/v1"'),
                *("-c", "analytics.enabled=false"),
                *("-c", "features.plugins=false"),
            ],
            "env": {"CODEX_HOME": None},
        },
        unsigned="401 Unauthorized",
    ),
)

AGENTS = {agent.name: agent for agent in _ALL}
