"""One set of claims for every agent, proved with the real CLI in real containers.

A status command or a prompt on the screen proves nothing: both were seen on dead tokens. So
each claim is read from the requests that reach a stand-in of the provider, in a network that
leads nowhere else.

How the sign-in of container 1 comes about: by the CLI's own for Codex (``login --with-api-key``),
Gemini CLI and OpenCode (a key typed into their dialogues). Claude Code's and Copilot's need the
provider's pages, so the credentials file is placed in the form that each writes.
"""

from __future__ import annotations

import os

import pytest
from conformance_agents import AGENTS
from conformance_bench import Bench, bench, kept_sign_ins, walled_network
from conftest import git
from providers import Edit

__all__ = ["bench", "kept_sign_ins", "walled_network"]

every_agent = pytest.mark.parametrize("bench", AGENTS.values(), ids=AGENTS, indirect=True)


@every_agent
def test_a_sign_in_made_in_one_container_is_what_the_next_ones_request_carries(bench: Bench):
    """Signed in at worktree a, it works in a new container at worktree b, and edits there."""
    bench.sign_in()
    assert bench.signed_in()

    file = bench.b / "made-by-agent.txt"
    done, requests = bench.ask(bench.b, Edit(str(file), "a line\n"))
    assert done.returncode == 0, done.stdout + done.stderr
    models = [request for request in requests if request.model]
    assert models
    assert all(request.carries(bench.agent.credential) for request in models)

    assert git(bench.b, "status", "--short") == "?? made-by-agent.txt\n"
    assert file.read_text() == "a line\n"
    assert file.stat().st_uid == os.getuid()
    assert git(bench.a, "status", "--short") == ""


@every_agent
@pytest.mark.parametrize("lost", ["sharing off", "another profile", "signed out"])
def test_no_request_carries_a_sign_in_that_is_not_shared_or_gone(bench: Bench, lost: str):
    """Without sharing, under another profile and after a sign-out it is not used."""
    bench.be_signed_in()
    if lost == "signed out":
        bench.sign_out()
    profile = "other" if lost == "another profile" else "default"
    done, requests = bench.ask(bench.b, share=lost != "sharing off", profile=profile)
    assert bench.agent.unsigned in done.stdout + done.stderr
    assert not any(request.carries(bench.agent.credential) for request in requests)
    assert bench.signed_in() is (lost != "signed out")
    assert not bench.signed_in("other")
