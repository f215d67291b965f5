"""What the panel in a notebook makes of what it reads, and how it says it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jupyter_agentauth.kernel.panel_state import Build, PanelState, stale_after
from jupyter_agentauth.kernel.panel_text import (
    build_text,
    image_text,
    problem_text,
    session_facts,
    session_text,
    sharing_sentence,
    sign_in_text,
    worktree_of,
    worktree_options,
)
from jupyter_agentauth.kernel.panel_widgets.markup import sentence


def worktree(path: str, branch: str | None, **other: object) -> dict[str, object]:
    main = {"repo": "/src/main", "main": path == "/src/main", "changes": 0, "sessions": []}
    return {**main, "path": path, "branch": branch, **other}


def session(name: str, started: str, **other: object) -> dict[str, object]:
    common = {"agent": "claude", "worktree": "/src/a", "profile": "default", "exit_code": None}
    running = {"state": "running", "share_auth": False, "terminal": "t", **common}
    return {**running, "id": name, "started": started, **other}


STATE = (
    PanelState()
    .read("agents", [{"name": "claude", "title": "Claude Code"}])
    .read("worktrees", [worktree("/src/a", "fix/typo"), worktree("/src/main", "main")])
)


@pytest.mark.parametrize("kind", ["session", "image", "settings", "agent", "worktree", "engine"])
def test_each_kind_of_event_has_something_read_again(kind):
    assert stale_after(kind)


def test_an_event_of_a_later_version_has_nothing_read_again():
    assert stale_after("weather") == ()


def test_what_was_known_stays_while_the_server_is_lost_or_cannot_tell():
    lost = STATE.lost("It is gone.")
    assert (lost.server, lost.problem) == ("lost", "It is gone.")
    assert lost.agents == STATE.agents
    refused = lost.refused("sessions", "The engine does not run.")
    assert refused.server == "there"
    assert refused.errors == {"sessions": "The engine does not run."}
    assert refused.read("sessions", []).errors == {}


def test_running_sessions_come_first_and_the_newest_of_them_before_the_others():
    state = PanelState().read(
        "sessions",
        [
            session("old", "2026-01-01T00:00:00Z"),
            session("ended", "2026-01-03T00:00:00Z", state="exited"),
            session("new", "2026-01-02T00:00:00Z"),
        ],
    )
    assert [found["id"] for found in state.sessions] == ["new", "old", "ended"]


def test_a_session_is_called_by_its_agent_and_branch():
    assert session_text(session("1", ""), STATE) == "Claude Code · fix/typo"
    assert session_text(session("1", "", agent="bash", worktree="/x/y"), STATE) == "Shell · y"
    facts = session_facts(session("1", "2026-01-02T03:04:05Z", profile="work", share_auth=True))
    assert facts == "running, since 2026-01-02 03:04 UTC, profile work, sharing on"
    ended = session("1", "2026-01-02T03:04:05Z", state="exited", exit_code=3)
    assert session_facts(ended).startswith("ended, exit code 3")


def test_a_notebook_outside_of_all_worktrees_has_its_own_directory_as_first_choice():
    assert [path for _, path in worktree_options(STATE, "/src/main/deep")] == [
        "/src/main", "/src/a",
    ]  # fmt: skip
    assert worktree_options(STATE, "/src/mainly")[0][1] == "/src/mainly"
    nested = [*STATE.worktrees, worktree("/src/main/inner", "inner")]
    assert worktree_of("/src/main/inner/x", nested) == "/src/main/inner"


def test_the_switch_says_what_it_does_and_why_it_cannot_be_used():
    settings = {"allow_share_auth": True, "share_auth": False, "auth_dir": "/data/agentauth"}
    assert "kept in /data/agentauth" in sharing_sentence(settings)
    assert "ends with its container" in sharing_sentence(settings)
    assert "ends with its container" not in sharing_sentence({**settings, "share_auth": True})
    assert "administrator" in sharing_sentence({**settings, "allow_share_auth": False})


def test_a_sign_in_is_said_with_its_end_and_its_profile():
    profile = {"name": "work", "signed_in": True, "expires": "2026-05-06T07:08:09Z"}
    agent = {"signed_in": True, "profiles": [profile]}
    assert sign_in_text(agent, "work") == "signed in until 2026-05-06 07:08 UTC (profile work)"
    assert sign_in_text({"signed_in": False, "profiles": []}, "default") == "not signed in"


def test_a_mend_is_said_once_and_as_what_it_is():
    build = "jupyter agentauth image build"
    assert "button" in problem_text(f"It is not there: make it with `{build}`.", build)
    assert problem_text("Start it: `sudo x`.", "sudo x") == "Start it: `sudo x`."
    assert problem_text("Off.", "sudo x") == "Off. In a terminal: sudo x"
    assert "jupyter_server_config.py" in problem_text("Off.", "c.AgentAuth.image = 'x'")


def test_a_build_is_followed_from_its_first_line_to_each_of_its_ends():
    build = Build().after({"type": "progress", "step": 2, "total": 9, "message": "npm"})
    assert build_text(build) == "Step 2 of 9: npm"
    assert build.after({"type": "progress", "step": None, "total": None, "message": ""}).step == 2
    assert build.after({"type": "done", "id": "sha256:1"}).state == "done"
    failed = build.after({"type": "error", "message": "No disk.", "reason": "disk_full"})
    assert (failed.state, build_text(failed)) == ("failed", "No disk.")
    cancelled = build.after({"type": "error", "message": "Off.", "reason": "build_cancelled"})
    assert cancelled.state == "cancelled"
    assert build.after({"type": "something new"}) == build


def test_an_image_is_said_to_be_there_or_not():
    absent = {"name": "x:1", "present": False, "created": None, "agents": {}}
    assert "not there yet" in image_text(STATE.read("image", absent))
    present = {**absent, "present": True, "agents": {"claude": "2.1", "codex": None}}
    assert image_text(STATE.read("image", present)) == "x:1: Claude Code 2.1."
    assert image_text(STATE.refused("image", "No engine.")) == "No engine."


@pytest.mark.parametrize("kind", ["hint", "error", "log", "title"])
def test_whatever_the_text_is_it_is_shown_and_not_obeyed(kind):
    html = sentence('<img src=x onerror="alert(1)"> & \x1b[31m$x$', kind)
    assert "<img" not in html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; $x$" in html
    assert "tex2jax_ignore" in html
    assert "\x1b" not in html


def test_a_server_imports_nothing_of_the_panel():
    code = (
        "import sys, jupyter_agentauth, jupyter_agentauth.server.app\n"
        "assert not {'ipywidgets', 'IPython', 'jupyter_agentauth.kernel'} & set(sys.modules)\n"
        "from jupyter_agentauth import AgentPanel\n"
        "assert 'ipywidgets' in sys.modules\n"
        "try:\n"
        "    jupyter_agentauth.AgentPane\n"
        "except AttributeError as error:\n"
        "    assert 'AgentPane' in str(error)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    kernel = (
        "import sys\nfrom jupyter_agentauth import AgentPanel\n"
        "assert not {'docker', 'terminado', 'jupyter_server'} & set(sys.modules), sys.modules"
    )
    subprocess.run([sys.executable, "-c", kernel], check=True, timeout=60)
