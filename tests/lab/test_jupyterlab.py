"""What a user does, in the real JupyterLab page, in Debian's Chromium."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from lab_page import open_terminal, picture, saved_layout, wait_for_text
from onboarding import onboard_claude
from playwright.sync_api import Response
from waiting import wait_until

# On a busy machine JupyterLab itself gives up: "Error Loading Theme" (4.x, seen).


@pytest.mark.parametrize(
    ("agent", "seen"),
    [
        ("claude", "Claude Code"),
        ("codex", "Choose how you want to use Codex"),
        ("gemini", "How would you like to authenticate"),
        ("copilot", "Do you trust the files in this folder?"),
    ],
)
def test_an_agent_opened_by_rest_is_seen_in_a_terminal_tab(lab, page, repository, agent, seen):
    worktree = repository.parent / "a"
    if agent == "claude":
        onboard_claude(worktree)
    page.goto(lab.url)
    # Loaded before the container starts: once its stylesheet failed to load meanwhile. (Chromium
    # is known to break off what it loads when a network interface comes or goes.)
    page.locator(".jp-LauncherCard").first.wait_for(timeout=120_000)
    session = lab.request(
        "POST", "agentauth/api/sessions", {"agent": agent, "worktree": "a", "share_auth": True}
    )
    open_terminal(page, session["terminal"])
    wait_for_text(page, seen)
    picture(page, f"terminal-{agent}")


def test_the_command_works_in_an_ordinary_terminal_of_the_page(lab, page, containers):
    page.goto(lab.url)
    page.locator(".jp-LauncherCard[title='Start a new terminal session']").click()
    wait_for_text(page, "$")
    # By its path: a server without a terminal of its own starts login shells, whose
    # profile sets another PATH.
    page.keyboard.type(f"cd b && {Path(sys.executable).parent}/jupyter-agentauth run sh\n")
    wait_until(lambda: [c for c in containers() if c.state == "running"])
    page.keyboard.type("echo in $(git branch --show-current) at $HOME\n")
    wait_for_text(page, "in b at /home/agent")
    picture(page, "terminal-run")


def test_the_switch_and_a_sessions_screen_outlive_the_server(lab, page, repository, containers):
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    opened = lab.open("bash", repository, "--norc")
    page.goto(lab.url)
    open_terminal(page, opened["terminal"])
    wait_for_text(page, "bash-")
    page.keyboard.type("echo be$((1+1))fore")
    page.keyboard.press("Enter")
    wait_for_text(page, "be2fore")
    page.keyboard.type("typed, not sent")
    wait_for_text(page, "typed, not sent")
    wait_until(lambda: opened["terminal"] in saved_layout(lab))
    lab.kill()
    assert [container.state for container in containers()] == ["running"]

    lab.start()
    page.goto(lab.url)  # JupyterLab restores the tab.
    wait_for_text(page, "be2fore")
    wait_for_text(page, "typed, not sent")
    picture(page, "after-the-server-was-killed")
    page.locator(".jp-Terminal:visible").click()
    page.keyboard.type(" yet")
    wait_for_text(page, "typed, not sent yet")
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is True
    [session] = lab.request("GET", "agentauth/api/sessions")
    assert session == opened
    lab.request("DELETE", f"agentauth/api/sessions/{opened['id']}")
    assert containers() == []


def test_a_tab_that_is_restored_after_its_session_was_stopped_is_no_shell_of_the_host(
    lab, page, repository
):
    opened = lab.open("bash", repository, "--norc")
    page.goto(lab.url)
    open_terminal(page, opened["terminal"])
    wait_for_text(page, "bash-")
    wait_until(lambda: opened["terminal"] in saved_layout(lab))
    page.goto("about:blank")
    lab.request("DELETE", f"agentauth/api/sessions/{opened['id']}")
    with page.expect_response(lambda reply: refused(reply, opened["terminal"])):
        page.goto(lab.url)
    page.get_by_role("tab", name="Running Terminals and Kernels").click()
    picture(page, "restored-without-a-shell")
    assert lab.request("GET", "api/terminals") == []


def refused(reply: Response, name: str) -> bool:
    """Whether it is the server's no to a terminal of that name."""
    asked = reply.request.method == "POST" and reply.url.partition("?")[0].endswith("api/terminals")
    return asked and name in (reply.request.post_data or "") and reply.status == 403
