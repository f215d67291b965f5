"""What a user does over several places of the page: signing in once, worktrees, what is broken."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from contextlib import suppress

from command_line import FAKE_KEY
from lab_page import LOADING, picture, wait_for_text
from lab_panel import begin_build, open_panel, section
from lab_server import LabServer
from lab_tabs import enter, tab, tile
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect


def palette(page: Page, label: str) -> None:
    """Run a command from the palette."""
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input").fill(label)
    page.locator(".lm-CommandPalette-item").filter(has_text=label).first.click()


def choose(page: Page, key: str, seen: str) -> None:
    """Press a key until it is taken: a dialogue that was just drawn may not listen yet."""
    for _ in range(20):
        page.keyboard.press(key)
        with suppress(PlaywrightError):
            wait_for_text(page, seen, seconds=2)
            return
    wait_for_text(page, seen, seconds=1)


def open_in(page: Page, lab: LabServer, directory: str, agent: str) -> None:
    """Load the page at a directory and click an agent's tile."""
    page.goto(lab.url.replace("/lab?", f"/lab/tree/{directory}?"))
    page.locator(".jp-DirListing-item", has_text="readme.txt").wait_for(timeout=LOADING)
    page.keyboard.press("Control+Shift+L")
    tile(page, agent).locator("visible=true").first.click(timeout=LOADING)
    expect(tab(page, f"{agent} · {directory}")).to_be_visible(timeout=LOADING)


def test_a_sign_in_made_in_one_tab_holds_in_another_worktrees(lab, page, repository):
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    open_in(page, lab, "a", "Codex")
    expect(page.locator(".jp-AgentAuth-tab:visible")).to_contain_text(
        "Agent credentials are shared across containers."
    )
    wait_for_text(page, "Sign in another way")
    page.locator(".jp-Terminal:visible").click()
    choose(page, "3", "Use an OpenAI API key")
    choose(page, "1", "Paste or type your API key")
    page.keyboard.type(FAKE_KEY)
    choose(page, "Enter", "Ask Codex to do anything")
    agents = {agent["name"]: agent for agent in lab.request("GET", "agentauth/api/agents")}
    assert agents["codex"]["signed_in"]

    page.get_by_role("tab", name="Agents", exact=True).click()
    codex = section(page.locator("#agentauth-panel"), "Agents").get_by_role("listitem")
    expect(codex.filter(has_text="Codex").first).to_contain_text(
        re.compile(r"(?<!not )signed in", re.IGNORECASE), timeout=LOADING
    )
    open_in(page, lab, "b", "Codex")
    # Past its sign-in: the folder's question is answered for a session's own worktree.
    wait_for_text(page, "Ask Codex to do anything")
    assert "Sign in" not in page.locator(".xterm-accessibility-tree:visible").inner_text()
    picture(page, "signed-in-once")


def test_a_worktree_is_made_worked_in_looked_at_and_removed_from_the_panel(lab, page, repository):
    (repository / ".gitignore").write_text(".env\n")
    (repository / ".env").write_text("TOKEN=from-main\n")
    subprocess.run(["git", "-C", repository, "add", ".gitignore"], check=True)
    subprocess.run(["git", "-C", repository, "commit", "-qm", "Ignore"], check=True)
    panel = open_panel(page, lab)
    worktrees = section(panel, "Worktrees")
    worktrees.get_by_role("button", name=re.compile("^New worktree of main")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Branch").fill("fix-typo")
    dialog.get_by_role("checkbox", name=".env").check()
    dialog.get_by_label("How .env is taken along").select_option("mount")
    picture(page, "new-worktree")
    dialog.get_by_role("button", name="Make it").click()
    made = worktrees.get_by_role("listitem").filter(has_text="fix-typo").first
    expect(made).to_be_visible()

    [path] = [
        worktree["path"]
        for worktree in lab.request("GET", "agentauth/api/worktrees")
        if worktree["branch"] == "fix-typo"
    ]
    made.get_by_role("button", name="Open an agent in fix-typo…").click()
    dialog.get_by_label("Agent", exact=True).select_option("bash")
    dialog.get_by_role("button", name="Open").click()
    expect(tab(page, "Shell · fix-typo")).to_be_visible(timeout=LOADING)
    wait_for_text(page, "agent@")
    enter(page, "cat .env; echo new > note.txt; git status --short")
    wait_for_text(page, "TOKEN=from-main")
    expect(made).to_contain_text("1 file changed", timeout=60_000)

    made.get_by_role("button", name=re.compile("show the changes")).click()
    expect(page.locator("#jp-main-dock-panel")).to_contain_text("note.txt")
    expect(page.locator("#jp-main-dock-panel")).to_contain_text("+new")
    picture(page, "changes")

    made.get_by_role("button", name="Remove worktree fix-typo").click()
    expect(dialog).to_contain_text("1 untracked file")
    dialog.get_by_role("button", name="Cancel").click()
    made.get_by_role("button", name="Remove worktree fix-typo").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(worktrees.get_by_text("fix-typo")).to_have_count(0, timeout=60_000)
    listed = subprocess.run(
        ["git", "-C", repository, "worktree", "list"], capture_output=True, text=True, check=True
    )
    assert path not in listed.stdout
    assert lab.request("GET", "agentauth/api/sessions") == []
    assert (repository / ".env").read_text() == "TOKEN=from-main\n"


def test_while_the_engine_is_stopped_a_tile_says_so_and_the_same_click_works_afterwards(
    second_engine, lab, page
):
    second_engine.stop()
    page.goto(lab.url)
    broken = page.locator(".jp-LauncherCard[data-category='Agents']").first
    broken.wait_for(timeout=LOADING)
    assert "engine" in (broken.get_attribute("title") or "")
    picture(page, "launcher-without-an-engine")
    broken.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The container engine does not run: start it")
    picture(page, "engine-stopped")
    second_engine.start()
    dialog.get_by_role("button", name="Try Again").click()
    # The second engine's image is a small one without agents: it says that now.
    expect(dialog).not_to_contain_text("does not run")


def test_a_build_that_another_window_began_is_seen_with_its_progress_and_cancelled(
    repository, image, containers, page, tmp_path
):
    name = f"agentauth-test-build-{os.getpid()}:latest"
    lab = LabServer(repository.parent, tmp_path / "lab.log", f"--AgentAuth.image={name}")
    lab.start()
    building = threading.Thread(target=begin_build, args=(lab, image))
    try:
        page.goto(lab.url)
        claude = tile(page, "Claude Code (no image)")
        claude.wait_for(timeout=LOADING)
        claude.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"The image {name} is not there")
        expect(dialog.get_by_role("button", name="Build Image")).to_be_visible()
        picture(page, "no-image")
        dialog.get_by_role("button", name="Close").click()
        page.get_by_role("tab", name="Agents", exact=True).click()
        part = section(page.locator("#agentauth-panel"), "Image")
        expect(part).to_contain_text("which is not there yet")
        building.start()
        progress = part.get_by_role("progressbar")
        expect(progress).to_be_visible(timeout=LOADING)
        expect(progress).to_have_attribute("aria-valuemax", re.compile(r"[1-9]"), timeout=LOADING)
        picture(page, "building")
        part.get_by_role("button", name=re.compile("^Cancel")).click()
        expect(progress).to_have_count(0, timeout=LOADING)
        assert lab.request("GET", "agentauth/api/image")["present"] is False
        building.join(60)
    finally:
        lab.kill()


def test_without_the_server_extension_there_is_one_notice_and_nothing_else(
    repository, home, page, tmp_path
):
    lab = LabServer(
        repository.parent,
        tmp_path / "lab.log",
        "--ServerApp.jpserver_extensions={'jupyter_agentauth': False}",
    )
    lab.start()
    try:
        page.goto(lab.url)
        page.locator(".jp-LauncherCard").first.wait_for(timeout=LOADING)
        notice = page.get_by_text("Agents are not available")
        expect(notice.first).to_be_visible()
        picture(page, "without-the-server-extension")
        assert page.locator(".jp-LauncherCard[data-category='Agents']").count() == 0
        assert page.get_by_role("tab", name="Agents", exact=True).count() == 0
    finally:
        lab.kill()


def test_notebook_has_the_panel_and_opens_a_session_in_a_tab_of_the_browser(
    lab, page, repository, tmp_path
):
    notebook = LabServer(repository.parent, tmp_path / "notebook.log", app="notebook")
    notebook.start()
    try:
        page.goto(notebook.url)
        page.locator(".jp-DirListing-item").first.wait_for(timeout=LOADING)
        page.evaluate("() => document.body.focus()")
        with page.expect_popup(timeout=LOADING) as opened:
            palette(page, "Open Shell")
        terminal = opened.value
        wait_for_text(terminal, "agent@", seconds=120)
        enter(terminal, "echo in a con$((1))tainer")
        wait_for_text(terminal, "in a con1tainer")
        [session] = notebook.request("GET", "agentauth/api/sessions")
        assert terminal.url.partition("?")[0].endswith(f"/terminals/{session['terminal']}")
        picture(terminal, "notebook-terminal")
        page.get_by_role("menuitem", name="View", exact=True).click()
        picture(page, "notebook")
    finally:
        notebook.kill()
