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
    scratch : tuple of str
        Patterns of what it makes in the container's own ``/tmp``, where nothing of ours is
        mounted: it ends with the container, and none of it is a credential.
    unpacks : int
        The bytes that every start unpacks into ``/tmp``, at least; 0 where only the first
        has something to unpack.
    """

    name: str
    credential: str
    sign_in: Callable[[Bench, Path, str], None]
    settings: Callable[[str], Mapping[str, Any]]
    unsigned: str
    scratch: tuple[str, ...] = ()
    unpacks: int = 0


CLAUDE_TOKEN = "sk-ant-oat01-conformance"
COPILOT_TOKEN = "gho_conformance000000000000000000000000001"
OPENCODE_KEY = "sk-ant-conformance-opencode"
GEMINI_KEY = "AIza-conformance-gemini"
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


def _gemini_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    stored = bench.stored(".gemini/gemini-credentials.json", profile)
    answers = {
        "Use Gemini API Key": "2",
        GEMINI_KEY: "\r",
        "Paste your API key here": GEMINI_KEY,
    }
    with bench.dialogue(worktree, profile=profile) as terminal:
        terminal.answer(answers, lambda: stored.is_file() and stored.stat().st_size > 0)


def _opencode_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    login = ("auth", "login", "--provider", "anthropic")
    with bench.dialogue(worktree, *login, profile=profile) as terminal:
        terminal.until("Enter your API key")
        terminal.type(f"{OPENCODE_KEY}\r")
        assert terminal.until_ended() == 0


def _copilot_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    # Its own sign-in needs GitHub's pages. This is the form that 1.0.102 writes.
    user = {"host": "https://github.com", "login": "ada"}
    stored = {
        "authTokens": {"https://github.com:ada": {"token": COPILOT_TOKEN}},
        "loggedInUsers": [user],
        "lastLoggedInUser": user,
    }
    bench.place(".copilot/config.json", f"// Managed by the CLI.\n{json.dumps(stored)}", profile)


def _opencode_config(url: str) -> dict[str, Any]:
    return {"provider": {"anthropic": {"options": {"baseURL": f"{url}/v1"}}}}


_ALL = (
    Conformance(
        name="claude",
        credential=CLAUDE_TOKEN,
        sign_in=_claude_sign_in,
        settings=lambda url: {
            "env": {"ANTHROPIC_BASE_URL": url, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"}
        },
        unsigned="Not logged in",
        # 2.1.330: sockets, and the output of commands.
        scratch=("/tmp/cc-socks", "/tmp/claude-*"),
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
        },
        unsigned="401 Unauthorized",
    ),
    Conformance(
        name="gemini",
        credential=GEMINI_KEY,
        sign_in=_gemini_sign_in,
        settings=lambda url: {"env": {"GOOGLE_GEMINI_BASE_URL": url}},
        unsigned="Invalid auth method selected",
    ),
    Conformance(
        name="opencode",
        credential=OPENCODE_KEY,
        sign_in=_opencode_sign_in,
        settings=lambda url: {
            "env": {
                "OPENCODE_CONFIG_CONTENT": json.dumps(_opencode_config(url)),
                "OPENCODE_DISABLE_MODELS_FETCH": "1",
            }
        },
        unsigned="API key is missing",
        scratch=("/tmp/opencode", "/tmp/.*.so"),
        # 1.18.33: a library, under a new name each time, so that no cache could keep it.
        unpacks=5_500_000,
    ),
    Conformance(
        name="copilot",
        credential=COPILOT_TOKEN,
        sign_in=_copilot_sign_in,
        settings=lambda url: {
            "env": {
                "COPILOT_DEBUG_GITHUB_API_URL": url,
            }
        },
        unsigned="No authentication information found",
    ),
)

AGENTS = {agent.name: agent for agent in _ALL}
