"""`auth_dir` cannot be written: a read-only mount, a directory that forbids it."""

from __future__ import annotations

import json

import pytest
from conformance_bench import configure
from fault_claims import one_sentence
from faulty_places import SIGN_IN, files, sign_in


@pytest.fixture
def run(agentauth, repository, second_engine):
    """Run an agent that is a shell, sharing: its output, and the warnings."""

    def call() -> tuple[str, str]:
        script = "cat .credentials.json 2>/dev/null; echo new >new; echo started"
        words = ("--share", "--", "-c", f"cd ~/.claude; {script}")
        done = agentauth("run", "claude", *words, cwd=repository)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    return call


@pytest.mark.parametrize("kept", [True, False], ids=["with a sign-in", "empty"])
def test_in_a_read_only_store_the_agent_starts_without_it_and_nothing_is_lost(
    run, agentauth, read_only, kept
):
    place, source = read_only
    if kept:
        sign_in(source)
        (source / "VERSION").write_text("1\n")
    before = files(source)
    configure(auth_dir=str(place), agents={"claude": {"command": ["sh"]}})
    output, said = run()
    assert output == "started\n"
    assert "ends with this session" in said
    assert "ead-only" in said
    assert files(source) == before

    doctor = {c["check"]: c for c in json.loads(agentauth("doctor", "--json").stdout)}
    assert doctor["store"]["level"] == "problem"
    done = agentauth("logout", "claude", "--yes")
    if kept:
        assert done.returncode == 1
        assert one_sentence(done.stderr.strip())
    assert files(source) == before

    configure(auth_dir=str(source), agents={"claude": {"command": ["sh"]}})
    output, said = run()
    assert output == (SIGN_IN if kept else "") + "started\n"
    assert (source / "claude" / ".claude" / "new").read_text() == "new\n"


@pytest.mark.parametrize("closed", ["", "claude", "claude/.claude"])
def test_a_directory_of_the_users_own_that_forbids_writing_is_repaired_and_that_is_said(
    run, home, closed
):
    store = home / "store"
    file = sign_in(store)
    configure(auth_dir=str(store), agents={"claude": {"command": ["sh"]}})
    (store / closed).chmod(0o500)
    output, said = run()
    assert output == SIGN_IN + "started\n"
    assert f"The mode of {store / closed} was 0500; it is 0700 now." in said
    assert file.read_text() == SIGN_IN
    assert (store / "claude" / ".claude" / "new").read_text() == "new\n"
