"""What one sees first of every agent, in a Jupyter terminal, under a uid unknown to the image."""

from __future__ import annotations

from pathlib import Path

import pytest
from conformance_agents import CAN_BE_SPLIT, of
from conformance_bench import PROMPT, Bench
from providers.http import DONE
from soak import small_or_large

#: Offline, Claude Code 2.1.331 draws its first screen, too, and leaves within a second.
LONG_ENOUGH = 2.0


@pytest.fixture
def jp_server_config(bench, jp_server_config):
    """The server reads its settings after the bench has written them."""
    return jp_server_config


@pytest.mark.claim("its first screen appears in a Jupyter terminal, sharing or not, and it stays")
@of(soak=("gemini", "opencode"))
@small_or_large("share", True, False, ("sharing", "alone"))
async def test_its_first_screen_appears_and_it_stays(
    bench: Bench, open_session, terminal, sessions, share
):
    session = await open_session(bench.agent.name, bench.a, share_auth=share)
    client = await terminal(session["terminal"])
    await client.until(bench.agent.first_screen)
    await client.stays_open(LONG_ENOUGH)
    assert [s["state"] for s in await sessions()] == ["running"]


@pytest.mark.claim("signed in, it goes straight to its prompt in every new container and worktree")
@of(soak=("gemini", "opencode"))
async def test_signed_in_it_goes_straight_to_its_prompt_in_every_new_worktree(
    bench: Bench, open_session, terminal, sessions
):
    """Also below the worktree's root, and while another container of it runs.

    Neither a wizard nor a question about the folder is in the way: what is typed there goes
    to the model, and its answer is shown.
    """
    bench.be_signed_in()
    below = bench.b / "below"
    below.mkdir()
    for directory in (bench.a, below):
        session = await open_session(bench.agent.name, directory, share_auth=True)
        assert not any("first questions" in warning for warning in session["warnings"])
        client = await terminal(session["terminal"])
        await client.until(bench.agent.prompt_screen)
        await client.type(PROMPT)
        await client.until(PROMPT)
        await client.enter_until(DONE)
    assert [s["state"] for s in await sessions()] == ["running", "running"]


@pytest.mark.claim(
    'signed in, it goes straight to its prompt with `share_scope = "credentials"`, too',
    not_had={"copilot": "it shares nothing then."},
)
@of(*CAN_BE_SPLIT, soak=("gemini", "opencode"))
def test_signed_in_it_goes_straight_to_its_prompt_in_a_new_home(bench: Bench):
    bench.be_signed_in()
    bench.share("credentials")
    with bench.dialogue(bench.b) as terminal:
        terminal.until(bench.agent.prompt_screen)
        terminal.type(PROMPT)
        terminal.until(PROMPT)
        terminal.answer({PROMPT: "\r"}, lambda: DONE in terminal.screen)


@pytest.mark.claim("no question is answered ahead for one who is not signed in or does not share")
@of()
@pytest.mark.parametrize("why", ["not signed in", "sharing off"])
def test_no_question_is_answered_ahead_without_a_shared_sign_in(bench: Bench, why):
    if why == "sharing off":
        bench.be_signed_in()
    done = bench.run(bench.b, "--version", share=why == "not signed in")
    assert done.returncode == 0, done.stderr
    assert not [path for path in bench.store.rglob("*") if _tells_of(path, bench.b)]


def _tells_of(path: Path, worktree: Path) -> bool:
    return path.is_file() and str(worktree).encode() in path.read_bytes()
