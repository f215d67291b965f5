from __future__ import annotations

import os
import subprocess
import time
from dataclasses import replace

import pytest
from planning import SETTINGS, plan

from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.known_agents import BUILT_IN
from jupyter_agentauth.refresh import stamp, with_refresh
from jupyter_agentauth.signin_forms import SignIn
from jupyter_agentauth.split import stored_path

CODEX = BUILT_IN["codex"]
SHARING = replace(SETTINGS, share_auth=True)
EXPIRED = SignIn(True, time.time() - 60)


def test_an_expired_sign_in_is_refreshed_under_a_lock_before_the_agent_starts():
    launch = plan("codex", settings=SHARING, args=("exec", "a b"))
    command = with_refresh(launch, CODEX, EXPIRED, "1:2:3").command_line
    assert command[:2] == ("sh", "-c")
    assert "flock" in command[2]
    assert "codex debug models" in command[2]
    assert command[3:] == ("sh", "codex", "exec", "a b")


def test_opencode_refreshes_without_reaching_a_model_or_keeping_a_session():
    launch = plan("opencode", settings=SHARING)
    script = with_refresh(launch, BUILT_IN["opencode"], EXPIRED, "1:2:3").before[-1]
    assert "OPENCODE_DB=:memory:" in script
    assert '"baseURL": "nowhere"' in script
    assert "opencode run --model openai/gpt-refresh" in script


def test_where_the_agent_refreshes_at_its_start_one_goes_first_and_the_others_wait(tmp_path):
    """What stands before Gemini CLI's start, run on this machine."""
    file = tmp_path / ".gemini" / "oauth_creds.json"
    file.parent.mkdir()
    file.write_text("old")
    status = file.stat()
    seen = f"{status.st_ino}:{status.st_size}:{int(status.st_mtime)}"
    launch = replace(plan("gemini", settings=SHARING), home=str(tmp_path))
    script = with_refresh(launch, BUILT_IN["gemini"], EXPIRED, seen).before[-1]

    assert subprocess.run(["sh", "-c", script], timeout=10, check=False).returncode == 0
    second = subprocess.Popen(["sh", "-c", script])
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(1)
    file.write_text("refreshed")
    assert second.wait(10) == 0


@pytest.mark.parametrize("scope", ["config", "credentials"])
def test_the_lock_lies_in_what_the_containers_share(scope):
    launch = plan("codex", settings=replace(SHARING, share_scope=scope))
    [shared] = [m.target for m in launch.mounts if m.purpose == "auth"]
    script = with_refresh(launch, CODEX, EXPIRED, "1:2:3").before[-1]
    assert f"{shared}/.agentauth-refresh.lock" in script
    assert f"{shared}/auth.json" in script


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


@pytest.mark.parametrize("scope", ["config", "credentials"])
def test_a_stamp_tells_one_version_of_a_file_from_the_next(tmp_path, scope):
    store = AuthStore(str(tmp_path / "store"))
    file = f"{store.root}/codex/{stored_path(CODEX, '.codex/auth.json', scope)}"
    assert stamp(store, CODEX, "default", scope) == "0"
    store.ensure_file(file, "old")
    first = stamp(store, CODEX, "default", scope)
    os.unlink(file)
    store.ensure_file(file, "newer")
    assert stamp(store, CODEX, "default", scope) not in ("0", first)
