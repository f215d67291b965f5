"""Agents opened from JupyterLab's launcher, in tabs that come back."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from lab_page import LOADING, picture, saved_layout, wait_for_text
from lab_server import LabServer
from lab_tabs import ended, enter, open_page, open_shell, tab, tile
from onboarding import onboard_claude
from playwright.sync_api import expect
from waiting import wait_until


def test_a_tile_shows_the_agents_first_screen_in_the_worktree_that_the_files_are_in(
    lab, page, repository
):
    onboard_claude(repository.parent / "a")
    open_page(page, lab)
    picture(page, "launcher")
    page.locator(".jp-DirListing-item", has_text=re.compile("^a")).dblclick()
    page.keyboard.press("Control+Shift+L")
    tile(page, "Claude Code").locator("visible=true").first.click()
    wait_for_text(page, "Claude Code")
    picture(page, "tab-claude")
    [session] = lab.request("GET", "agentauth/api/sessions")
    assert session["worktree"] == str(repository.parent / "a")
    expect(tab(page, "Claude · a")).to_be_visible()


def test_keys_that_browsers_and_jupyterlab_have_uses_for_reach_the_agent(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "read -rsn1 key; printf 'got %d.' \"'$key\"")
    page.keyboard.press("Control+p")
    wait_for_text(page, "got 16.")


def test_jupyterlabs_shortcuts_stay_out_of_an_agents_keys(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "cat -v")
    for key in ("Control+b", "Control+n"):  # The side bar, a window.
        page.keyboard.press(key)
    enter(page, "here")
    wait_for_text(page, "^B^Nhere")
    expect(page.locator(".jp-FileBrowser")).to_be_visible()
    page.keyboard.press("Control+Shift+L")  # With Shift they are JupyterLab's.
    expect(tile(page, "Shell")).to_be_visible()


def test_an_agent_gets_each_escape_where_nothing_is_read_aloud(lab, page, repository):
    settings = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "lab" / "user-settings" / "@jupyterlab"
    (settings / "terminal-extension" / "plugin.jupyterlab-settings").write_text("{}")
    open_page(page, lab)
    page.locator(".jp-DirListing-item", has_text=re.compile("^b")).dblclick()
    page.locator(".jp-BreadCrumbs-item", has_text="b").wait_for()
    tile(page, "Shell").click()
    terminal = page.locator(".jp-Terminal:visible .xterm-helper-textarea")
    expect(terminal).to_be_focused(timeout=LOADING)
    enter(page, "cat > seen")
    seen = repository.parent / "b" / "seen"
    wait_until(seen.exists)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    enter(page, "")
    wait_until(lambda: seen.read_bytes() == b"\x1b\x1b\n")


def test_a_tabs_name_follows_its_branch(lab, page, repository):
    open_page(page, lab)
    page.locator(".jp-DirListing-item", has_text=re.compile("^b")).dblclick()
    page.locator(".jp-BreadCrumbs-item", has_text="b").wait_for()
    open_shell(page)
    expect(tab(page, "Shell · b")).to_be_visible()
    enter(page, "git switch --create topic")
    expect(tab(page, "Shell · topic")).to_be_visible(timeout=LOADING)


def test_a_title_that_an_agent_sets_does_not_take_the_tabs_name_away(lab, page):
    open_page(page, lab)
    open_shell(page)
    name = tab(page, "Shell · src")
    expect(name).to_be_visible()
    enter(page, "printf '\\033]0;mine\\007\\033]2;mine\\007'; echo se$((1+1))t")
    wait_for_text(page, "se2t")
    expect(name).to_be_visible()
    expect(tab(page, "mine")).to_have_count(0)


def test_an_agent_that_ended_leaves_its_tab_which_says_how_and_starts_it_again(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo last wo$((1))rds; exit 3")
    expect(ended(page)).to_contain_text("Shell ended (exit code 3).")
    wait_for_text(page, "last wo1rds")
    picture(page, "tab-ended")
    ended(page).get_by_role("button", name="Restart").click()
    wait_until(lambda: len(lab.request("GET", "agentauth/api/sessions")) == 1)
    rows = page.locator(".jp-Terminal:visible .xterm-accessibility-tree")
    expect(rows).not_to_contain_text("last wo1rds", timeout=LOADING)  # The new one's is there.
    wait_for_text(page, "agent@")
    expect(tab(page, "Shell · src")).to_have_count(1)
    enter(page, "echo a$((1))gain")
    wait_for_text(page, "a1gain")

    enter(page, "exit")
    expect(ended(page)).to_contain_text("Shell ended.")
    ended(page).get_by_role("button", name="Close").click()
    expect(tab(page, "Shell · src")).to_have_count(0)


def test_a_session_that_is_stopped_elsewhere_says_so_at_once_and_tab_leads_to_its_restart(
    lab, page
):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo last wo$((1))rds")
    wait_for_text(page, "last wo1rds")
    [session] = lab.request("GET", "agentauth/api/sessions")
    lab.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    expect(ended(page)).to_contain_text("Shell was stopped.")
    wait_for_text(page, "last wo1rds")
    page.keyboard.press("Tab")
    expect(ended(page).get_by_role("button", name="Restart")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_text(page, "agent@")
    terminal = page.locator(".jp-Terminal:visible .xterm-helper-textarea")
    expect(terminal).to_be_focused(timeout=LOADING)


def test_after_a_reload_the_tab_has_its_screen_and_no_terminal_was_asked_for(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo be$((1+1))fore")
    wait_for_text(page, "be2fore")
    page.keyboard.type("typed, not sent")
    wait_for_text(page, "typed, not sent")
    [session] = lab.request("GET", "agentauth/api/sessions")
    wait_until(lambda: session["id"] in saved_layout(lab))
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.reload()
    wait_for_text(page, "be2fore", seconds=120)
    wait_for_text(page, "typed, not sent")
    page.locator(".jp-Terminal:visible").click()
    page.keyboard.type(" yet")
    wait_for_text(page, "typed, not sent yet")
    assert [url for method, url in asked if method == "POST" and "api/terminals" in url] == []
    assert lab.request("GET", "agentauth/api/sessions") == [session]


def test_a_session_that_was_stopped_elsewhere_comes_back_as_ended_and_never_as_a_host_shell(
    lab, page
):
    open_page(page, lab)
    open_shell(page)
    [session] = lab.request("GET", "agentauth/api/sessions")
    wait_until(lambda: session["id"] in saved_layout(lab))
    page.goto("about:blank")
    lab.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    page.goto(lab.url)
    expect(ended(page)).to_contain_text("was stopped", timeout=LOADING)
    picture(page, "tab-stopped-elsewhere")
    assert lab.request("GET", "api/terminals") == []
    ended(page).get_by_role("button", name="Restart").click()
    wait_for_text(page, "agent@")


def test_a_tab_that_stays_open_while_the_server_is_killed_has_its_screen_again_once(
    repository, image, lab, page, tmp_path
):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = LabServer(
        repository.parent, tmp_path / "kept.log", "--IdentityProvider.token=t0ken", port=port
    )
    server.start()
    try:
        open_page(page, server)
        open_shell(page)
        enter(page, "echo be$((1+1))fore")
        wait_for_text(page, "be2fore")
        # JupyterLab's own dialogue about its server stands before all else.
        page.add_locator_handler(
            page.locator(".jp-Dialog"),
            lambda dialog: dialog.get_by_role("button").last.click(),
            no_wait_after=True,
        )
        server.kill()
        expect(ended(page)).to_contain_text("Connection lost")
        server.start()
        expect(ended(page)).to_have_count(0, timeout=LOADING)  # There is nothing to say.
        page.locator(".jp-Terminal:visible").click()
        enter(page, "echo af$((1+1))ter")
        wait_for_text(page, "af2ter")
        rows = page.locator(".jp-Terminal:visible .xterm-accessibility-tree")
        assert rows.inner_text().count("be2fore") == 1
        # Only for its end: another page asks whether to leave it.
        assert len(server.request("GET", "agentauth/api/sessions")) == 1
    finally:
        server.kill()
