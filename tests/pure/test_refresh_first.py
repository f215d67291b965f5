from __future__ import annotations

import time
from dataclasses import replace

import pytest
from planning import SETTINGS, plan

from jupyter_agentauth.agents import BUILT_IN
from jupyter_agentauth.refresh import stamp, with_refresh
from jupyter_agentauth.signin import SignIn

CODEX = BUILT_IN["codex"]
SHARING = replace(SETTINGS, share_auth=True)
EXPIRED = SignIn(True, time.time() - 60)


def test_an_expired_sign_in_is_refreshed_under_a_lock_before_the_agent_starts():
    launch = plan("codex", settings=SHARING, args=("exec", "a b"))
    command = with_refresh(launch, CODEX, EXPIRED, "1:2:3").command
    assert command[:2] == ("sh", "-c")
    assert "flock" in command[2]
    assert "codex debug models" in command[2]
    assert command[3:] == ("sh", "codex", "exec", "a b")


@pytest.mark.parametrize(
    "state", [SignIn(False), SignIn(True), SignIn(True, time.time() + 3600), SignIn(False, 1.0)]
)
def test_a_sign_in_that_needs_no_refresh_costs_nothing(state):
    launch = plan("codex", settings=SHARING)
    assert with_refresh(launch, CODEX, state, "0") == launch


def test_nothing_is_refreshed_without_sharing_or_for_an_agent_that_locks_by_itself():
    alone = plan("codex")
    assert with_refresh(alone, CODEX, EXPIRED, "0") == alone
    claude = plan("claude", settings=SHARING)
    assert with_refresh(claude, BUILT_IN["claude"], EXPIRED, "0") == claude


def test_a_stamp_tells_one_version_of_a_file_from_the_next(tmp_path):
    file = tmp_path / "auth.json"
    assert stamp(str(file)) == "0"
    file.write_text("old")
    first = stamp(str(file))
    (tmp_path / "new").write_text("newer")
    (tmp_path / "new").replace(file)
    assert stamp(str(file)) not in ("0", first)
