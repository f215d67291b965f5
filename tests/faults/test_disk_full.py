"""The disk is full while a preference, a directory or a file of the store is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conformance_bench import configure
from fault_claims import one_sentence
from faulty_places import SIGN_IN, files, full, sign_in

STAYS = "ends with this session"

#: What the agent of these tests says of its sign-in.
SHOW = ("-c", "cat ~/.claude/.credentials.json 2>/dev/null; echo started")


@pytest.fixture
def store(small: Path, second_engine: object) -> Path:
    """A store on the small file system, of an agent that is a shell."""
    configure(auth_dir=str(small / "store"), agents={"claude": {"command": ["sh"]}})
    return small / "store"


@pytest.fixture
def run(agentauth, repository):
    """Run the agent, sharing: its output, and the warnings."""

    def call(*words: str) -> tuple[str, str]:
        done = agentauth("run", "claude", "--share", *words, "--", *SHOW, cwd=repository)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout, done.stderr

    return call


async def test_a_choice_that_finds_no_room_is_refused_and_the_old_one_holds(
    api, small, jp_config_dir, repository
):
    (small / "serverconfig").mkdir()
    (jp_config_dir / "serverconfig").symlink_to(small / "serverconfig")
    assert (await api("PATCH", "settings", {"share_auth": True, "profile": "work"})).status == 200
    before = files(small)
    with full(small):
        reply = await api("PATCH", "settings", {"share_auth": False})
        assert (reply.status, reply.json["reason"]) == (409, "preference_not_saved")
        assert one_sentence(reply.json["message"])
        assert "No space left" in reply.json["message"]
        assert (await api("GET", "settings")).json["share_auth"] is True
    assert files(small) == before
    assert (await api("PATCH", "settings", {"share_auth": False})).json["share_auth"] is False


def test_without_room_for_its_directories_the_agent_starts_and_says_what_is_not_kept(
    run, small, store
):
    with full(small):
        output, said = run()
        assert output == "started\n"
        assert STAYS in said
        assert "No space left" in said
    assert files(small) == {}
    output, said = run()
    assert STAYS not in said
    assert (store / "claude" / ".claude").is_dir()


def test_without_room_for_an_answer_the_sign_in_is_whole_and_used_and_nothing_half_stays(
    run, small, store
):
    sign_in(store)
    with full(small):
        output, said = run()
        assert output == SIGN_IN + "started\n"
        assert "may ask its first questions again" in said
    kept = {path: text for path, text in files(small).items() if path != "store/VERSION"}
    assert kept == {"store/claude/.claude/.credentials.json": SIGN_IN}
    output, said = run()
    assert "first questions" not in said
    assert json.loads((store / "claude" / ".claude" / ".claude.json").read_text())


@pytest.mark.parametrize("scope", ["credentials", "config"])
def test_without_room_a_sign_in_is_not_moved_to_another_scope_and_not_lost(
    run, small, store, scope
):
    places = [".claude/.credentials.json", ".agentauth-credentials/.credentials.json"]
    before, after = places if scope == "credentials" else places[::-1]
    file = sign_in(store, before)
    with full(small):
        output, said = run(f"--AgentAuth.share_scope={scope}")
        assert output == "started\n"
        assert STAYS in said
        assert file.read_text() == SIGN_IN
    output, said = run(f"--AgentAuth.share_scope={scope}")
    assert "was taken over" in said
    assert (store / "claude" / after).read_text() == SIGN_IN
    assert not file.exists()


def test_signing_out_needs_no_room(agentauth, small, store):
    sign_in(store)
    with full(small):
        done = agentauth("logout", "claude", "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert not any("claude" in path for path in files(small))
