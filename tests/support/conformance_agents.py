"""The agents of the conformance suite: a new agent is one more entry in `AGENTS`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from providers.logins import CODE

if TYPE_CHECKING:
    from conformance_bench import Bench


@dataclass(frozen=True)
class Conformance:
    """How one agent is signed in, and what is known of it.

    Parameters
    ----------
    name : str
        In the table of agents.
    credential : str
        What its sign-in stores, and a request's header carries.
    sign_in : callable
        Signs it in, in container 1: ``sign_in(bench, worktree, profile)``.
    unsigned : str
        What it says to a prompt when it is not signed in.
    first_screen : str
        A text of the first screen of somebody who is not signed in, at which it waits.
    prompt_screen : str
        A text that only its prompt has beside it, once one is signed in.
    scratch : tuple of str
        Patterns of what it makes in the container's own ``/tmp``, where nothing of ours is
        mounted: it ends with the container, and none of it is a credential.
    unpacks : int
        The bytes that every start unpacks into ``/tmp``, at least; 0 where only the first
        has something to unpack.
    entry : mapping
        Its entry in ``c.AgentAuth.agents``, where the built-in table has none.
    program : Path or None
        What the agent image lacks; it then has an image of its own with it.
    """

    name: str
    credential: str
    sign_in: Callable[[Bench, Path, str], None]
    unsigned: str
    first_screen: str
    prompt_screen: str
    scratch: tuple[str, ...] = ()
    unpacks: int = 0
    entry: Mapping[str, Any] = field(default_factory=dict)
    program: Path | None = None


CLAUDE_TOKEN = "sk-ant-oat01-conformance"
COPILOT_TOKEN = "gho_conformance000000000000000000000000001"
OPENCODE_KEY = "sk-ant-conformance-opencode"
GEMINI_KEY = "AIza-conformance-gemini"
CODEX_KEY = "sk-conformance-codex"


def _claude_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    with bench.dialogue(worktree, "auth", "login", profile=profile) as terminal:
        terminal.until("Paste code here if prompted >")
        # 2.1.331: the address ends in the state, which the provider's last page gives back.
        [state] = re.findall(r"/oauth/authorize\?z-(\S+)", terminal.screen)
        terminal.type(f"{CODE}#{state}\r")
        assert terminal.until_ended() == 0, terminal.screen


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
        assert terminal.until_ended() == 0, terminal.screen


def _copilot_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    with bench.dialogue(worktree, "login", "--device-code", profile=profile) as terminal:
        terminal.until("Store token in plaintext config file?")
        terminal.type("y\r")
        assert terminal.until_ended() == 0, terminal.screen


MADE_UP_KEY = "made-up-conformance-key"


def _made_up_sign_in(bench: Bench, worktree: Path, profile: str) -> None:
    done = bench.run(worktree, "login", profile=profile, stdin=MADE_UP_KEY)
    assert done.returncode == 0, done.stderr


_ALL = (
    Conformance(
        name="claude",
        credential=CLAUDE_TOKEN,
        sign_in=_claude_sign_in,
        unsigned="Not logged in",
        first_screen="Choose the text style",
        prompt_screen="shift+tab to cycle",
        # 2.1.330: sockets, and the output of commands.
        scratch=("/tmp/cc-socks", "/tmp/claude-*"),
    ),
    Conformance(
        name="codex",
        credential=CODEX_KEY,
        sign_in=_codex_sign_in,
        unsigned="401 Unauthorized",
        first_screen="Choose how you want to use Codex",
        # 0.169.0 draws the box first, and over it asks about the folder.
        prompt_screen="for agents \N{MIDDLE DOT} ? for shortcuts",
    ),
    Conformance(
        name="gemini",
        credential=GEMINI_KEY,
        sign_in=_gemini_sign_in,
        unsigned="set an Auth method",
        first_screen="How would you like to authenticate",
        prompt_screen="Type your message",
    ),
    Conformance(
        name="opencode",
        credential=OPENCODE_KEY,
        sign_in=_opencode_sign_in,
        # 1.18.33 then asks its maker's own service, which the stand-in refuses.
        unsigned="does not know that credential",
        first_screen="Ask anything",
        prompt_screen="Anthropic",
        scratch=("/tmp/opencode", "/tmp/.*.so"),
        # 1.18.33: a library, under a new name each time, so that no cache could keep it.
        unpacks=5_500_000,
    ),
    Conformance(
        name="copilot",
        credential=COPILOT_TOKEN,
        sign_in=_copilot_sign_in,
        unsigned="No authentication information found",
        first_screen="Do you trust the files in this folder?",
        prompt_screen="/ commands",
    ),
    # An agent of a user's own: the five built-in ones are not all that the claims hold of.
    Conformance(
        name="made-up",
        credential=MADE_UP_KEY,
        sign_in=_made_up_sign_in,
        unsigned="made-up: not signed in",
        first_screen="Sign in: made-up login",
        prompt_screen="What shall I do?",
        entry={
            "command": "made-up",
            "title": "The made-up agent",
            "icon": "made-up",
            "auth_dirs": [".made-up"],
            "credential_files": [".made-up/credentials.json"],
            "auth_files": {".made-up/settings.json": '{"model": "made-up-1"}\n'},
            "cache_dirs": [".cache/made-up"],
            "env": {"MADE_UP_API_KEY": None},
            "headless": ["ask", "{prompt}"],
        },
        program=Path(__file__).parent / "made_up_agent" / "made-up",
    ),
)

AGENTS = {agent.name: agent for agent in _ALL}

#: Those whose credentials can be shared without their settings.
CAN_BE_SPLIT = ("claude", "codex", "gemini", "opencode", "made-up")


#: Whose start takes seconds of a processor: seen, 2.5 s (Copilot CLI), 3 s (Gemini CLI), 6 s.
SLOW = ("gemini", "opencode", "copilot")


def of(*names: str, soak: Collection[str] = ()) -> pytest.MarkDecorator:
    """Run a test for some agents of the suite; for all of them if none is named.

    Parameters
    ----------
    soak : collection of str
        Those for which it runs in ``make soak`` alone.
    """
    return pytest.mark.parametrize(
        "bench",
        [
            pytest.param(AGENTS[name], id=name, marks=[pytest.mark.soak] if name in soak else [])
            for name in names or tuple(AGENTS)
        ],
        indirect=True,
    )
