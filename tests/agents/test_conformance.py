"""One set of claims for every agent, proved with the real CLI in real containers.

A status command or a prompt on the screen proves nothing: both were seen on dead tokens. So
each claim is read from the requests that reach a stand-in of the provider, in a network that
leads nowhere else.

The sign-in of container 1 is each CLI's own, as a user drives it: Claude Code's paste-a-code
login (``auth login``), Codex's ``login --with-api-key``, a key typed into Gemini CLI's and
OpenCode's dialogues, Copilot's device code (``login --device-code``). The stand-in plays the
provider under its real host names; the browser's part alone is left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatch
from typing import TYPE_CHECKING

import pytest
from command_line import git
from conformance_agents import SLOW, of
from conformance_bench import PROMPT, Bench, configure
from conformance_writes import files, memory_used, size_outside, size_written, written_outside
from providers import Edit

if TYPE_CHECKING:
    from docker.models.containers import Container


@pytest.mark.claim("a sign-in made in one container is the credential of the next one's request")
@pytest.mark.claim("a headless prompt edits a file in the worktree, and it belongs to you")
@pytest.mark.claim('`agents` says "signed in" where a request was accepted')
@of()
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


@pytest.mark.claim(
    "no request carries it with sharing off, under another profile or after signing out"
)
@of(soak=SLOW)
def test_no_request_carries_a_sign_in_that_is_not_shared_or_gone(bench: Bench):
    """Without sharing, under another profile and after a sign-out it is not used."""
    bench.be_signed_in()
    for options in ({"share": False}, {"profile": "other"}, {}):
        if not options:
            bench.sign_out()
        done, requests = bench.ask(bench.b, **options)
        assert bench.agent.unsigned in done.stdout + done.stderr
        assert not any(request.carries(bench.agent.credential) for request in requests)
        assert bench.signed_in() is bool(options)
        assert not bench.signed_in("other")


@pytest.fixture
def container(engine, containers) -> Callable[[], Container]:
    """Get this test's only container."""

    def only() -> Container:
        [found] = containers()
        return engine.client.containers.get(found.id)

    return only


@pytest.mark.claim("it runs under a uid that the image does not know")
@pytest.mark.claim("it writes only to what is mounted, and named files in `/tmp`")
@of(soak=SLOW)
def test_it_runs_as_a_user_unknown_to_the_image_and_writes_only_to_what_is_mounted(
    bench: Bench, container, engine, image
):
    """Beside its scratch files in the container's own /tmp, which the suite's table names."""
    passwd = engine.client.containers.run(image, ["cat", "/etc/passwd"], remove=True)
    known = {line.split(":")[2] for line in passwd.decode().splitlines()}
    assert str(os.getuid()) not in known

    bench.be_signed_in()
    configure(extra_run_args=["--rm=false"])
    done, _ = bench.ask(bench.b, Edit(str(bench.b / "made-by-agent.txt"), "a line\n"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert container().attrs["Config"]["User"] == f"{os.getuid()}:{os.getgid()}"
    scratch = bench.agent.scratch
    written = written_outside(container())
    assert {path for path in written if not any(fnmatch(path, s) for s in scratch)} == set()


@of("codex")
def test_codex_runs_commands_without_a_sandbox_of_its_own_unless_the_user_wants_one(bench: Bench):
    """Its own cannot work in the container; there its commands ended before they began."""
    bench.be_signed_in()
    file = bench.b / "made-by-agent.txt"
    prompt = ("exec", "--skip-git-repo-check", PROMPT)
    bench.provider.edit = Edit(str(file), "a line\n")
    assert bench.run(bench.b, *prompt).returncode == 0
    assert file.read_text() == "a line\n"

    file.unlink()
    bench.place(".codex/config.toml", 'sandbox_mode = "read-only"\n')
    bench.run(bench.b, *prompt)
    assert not file.exists()


#: A megabyte: transcripts, logs and settings stay well below, programs and libraries do not.
MUCH = 1_000_000


@pytest.mark.claim("a second start unpacks nothing (OpenCode: 5.6 MB in `/tmp` at each start)")
@of(soak=("gemini", "opencode"))
def test_a_second_start_has_nothing_left_to_unpack(bench: Bench, container):
    """Not in its home's memory, not in the store (its databases apart), not in /tmp.

    But for what the suite's table tells of: OpenCode's library in /tmp.
    """
    bench.be_signed_in()
    configure(extra_run_args=["--rm=false"])
    first, _ = bench.ask(bench.a)
    assert first.returncode == 0, first.stdout + first.stderr
    container().remove()

    memory = []
    bench.provider.before_answer = lambda _: memory.append(memory_used(container()))
    before = files(bench.store)
    second, _ = bench.ask(bench.b)
    assert second.returncode == 0, second.stdout + second.stderr
    assert max(memory) < MUCH
    assert size_written(bench.store, before) < MUCH
    assert bench.agent.unpacks <= size_outside(container()) < bench.agent.unpacks + MUCH
