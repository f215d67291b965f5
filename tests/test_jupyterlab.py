"""What a user does, in the real JupyterLab page, in Debian's Chromium."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from lab_server import LabServer
from playwright.sync_api import Page, Response, sync_playwright
from test_cli import wait_until
from test_sessions import onboard_claude

# On a busy machine JupyterLab itself gives up: "Error Loading Theme" (4.x, seen).
pytestmark = pytest.mark.alone("the page loads against JupyterLab's own deadlines")

#: Started in no other way does Chromium stay off the network.
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture
def lab(repository, image, containers, tmp_path):
    """A JupyterLab over the repositories, whose terminals a screen reader can read."""
    settings = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "lab" / "user-settings" / "@jupyterlab"
    (settings / "terminal-extension").mkdir(parents=True)
    readable = {"screenReaderMode": True}
    (settings / "terminal-extension" / "plugin.jupyterlab-settings").write_text(
        json.dumps(readable)
    )
    (settings / "apputils-extension").mkdir()
    (settings / "apputils-extension" / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    server = LabServer(repository.parent, tmp_path / "lab.log")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page():
    """A browser's page; a picture of it is kept where AGENTAUTH_SCREENSHOTS says."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is not installed: make/browser installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        yield page
        picture(page, "at-the-end")
        browser.close()


def open_terminal(page: Page, name: str) -> None:
    """Open a running terminal from JupyterLab's own list of them."""
    page.get_by_role("tab", name="Running Terminals and Kernels").click()
    page.get_by_text(f"terminals/{name}", exact=True).click()


def wait_for_text(page: Page, text: str, seconds: float = 60) -> None:
    """Wait until the terminal in front shows a text."""
    rows = page.locator(".jp-Terminal:visible .xterm-accessibility-tree")
    rows.get_by_text(text).first.wait_for(timeout=seconds * 1000, state="attached")


def picture(page: Page, name: str) -> None:
    if directory := os.environ.get("AGENTAUTH_SCREENSHOTS"):
        page.screenshot(path=Path(directory) / f"{name}.png")


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


def saved_layout(lab: LabServer) -> str:
    """What JupyterLab restores; it takes a moment to save it."""
    return json.dumps(lab.request("GET", "lab/api/workspaces/default"))


def refused(reply: Response, name: str) -> bool:
    """Whether it is the server's no to a terminal of that name."""
    asked = reply.request.method == "POST" and reply.url.partition("?")[0].endswith("api/terminals")
    return asked and name in (reply.request.post_data or "") and reply.status == 403
