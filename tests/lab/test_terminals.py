"""Agents in JupyterLab's own terminals, and what of them and of the panel outlives the server."""

from __future__ import annotations

import sys
from pathlib import Path

from lab_page import launcher_is_there, open_terminal, picture, saved_layout, wait_for_text
from lab_panel import open_panel, section
from playwright.sync_api import Response, expect
from waiting import wait_until


def test_an_agent_opened_by_rest_or_by_the_command_is_seen_in_a_terminal_tab(lab, page, containers):
    page.goto(lab.url)
    launcher_is_there(page)
    # All five first screens are proved over the same websocket in tests/agents.
    asked = {"agent": "codex", "worktree": "a", "share_auth": True}
    session = lab.request("POST", "agentauth/api/sessions", asked)
    open_terminal(page, session["terminal"])
    wait_for_text(page, "Choose how you want to use Codex")
    picture(page, "terminal-codex")

    page.keyboard.press("Control+Shift+L")
    ordinary = page.locator(".jp-LauncherCard[title='Start a new terminal session']")
    ordinary.locator("visible=true").first.click()
    wait_for_text(page, "$")
    # By its path: a server without a terminal of its own starts login shells, whose
    # profile sets another PATH.
    page.keyboard.type(f"cd b && {Path(sys.executable).parent}/jupyter-agentauth run sh\n")
    wait_until(lambda: [c.state for c in containers()] == ["running", "running"])
    page.keyboard.type("echo in $(git branch --show-current) at $HOME\n")
    wait_for_text(page, "in b at /home/agent")
    picture(page, "terminal-run")


def test_the_sharing_switch_and_a_sessions_screen_outlive_a_reload_and_the_server(
    lab, page, repository, containers
):
    panel = open_panel(page, lab)
    switch = panel.get_by_role("switch", name="Share sign-ins between containers")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    store = lab.request("GET", "agentauth/api/settings")["auth_dir"]
    expect(section(panel, "Sharing")).to_contain_text(
        f"Sign in once: credentials are kept in {store} and shared with every container of that "
        "agent."
    )
    picture(page, "panel-sharing-on")
    wait_until(lambda: '"current": "agentauth-panel"' in saved_layout(lab))
    page.reload()
    expect(switch).to_be_checked()  # The panel is restored with the layout.

    opened = lab.open("bash", repository, "--norc")
    open_terminal(page, opened["terminal"])
    wait_for_text(page, "bash-")
    page.keyboard.type("echo be$((1))fore")
    page.keyboard.press("Enter")
    wait_for_text(page, "be1fore")
    page.keyboard.type("typed, not sent")
    wait_for_text(page, "typed, not sent")
    wait_until(lambda: opened["terminal"] in saved_layout(lab))
    lab.kill()
    assert [container.state for container in containers()] == ["running"]

    lab.start()
    page.goto(lab.url)  # JupyterLab restores the tab.
    wait_for_text(page, "be1fore")
    wait_for_text(page, "typed, not sent")
    picture(page, "after-the-server-was-killed")
    page.locator(".jp-Terminal:visible").click()
    page.keyboard.type(" yet")
    wait_for_text(page, "typed, not sent yet")
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is True
    [session] = lab.sessions()
    assert session == opened
    page.get_by_role("tab", name="Agents", exact=True).click()
    expect(switch).to_be_checked()
    wait_until(lambda: '"current": "agentauth-panel"' in saved_layout(lab))

    # Restored after its session was stopped it is no shell of the host.
    page.goto("about:blank")
    lab.request("DELETE", f"agentauth/api/sessions/{opened['id']}")
    assert containers() == []
    with page.expect_response(lambda reply: refused(reply, opened["terminal"])):
        page.goto(lab.url)
    page.get_by_role("tab", name="Running Terminals and Kernels").click()
    picture(page, "restored-without-a-shell")
    assert lab.request("GET", "api/terminals") == []


def refused(reply: Response, name: str) -> bool:
    """Whether it is the server's no to a terminal of that name."""
    asked = reply.request.method == "POST" and reply.url.partition("?")[0].endswith("api/terminals")
    return asked and name in (reply.request.post_data or "") and reply.status == 403
