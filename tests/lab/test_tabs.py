"""Agents opened from JupyterLab's launcher, in tabs that come back."""

from __future__ import annotations

from lab_page import picture, saved_layout, wait_for_text
from lab_room import write_setting
from lab_tabs import ended, enter, enter_directory, open_page, open_shell, screen, tab, tile
from onboarding import onboard_claude
from playwright.sync_api import Page, expect
from waiting import wait_until


def test_a_tile_opens_an_agent_in_the_worktree_of_the_files_and_its_keys_and_name_are_its_own(
    lab, page, repository
):
    # Past its first questions, or Claude Code ends by itself offline; kept where it shares.
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    onboard_claude(repository.parent / "a")
    open_page(page, lab)
    picture(page, "launcher")
    enter_directory(page, "a")
    page.keyboard.press("Control+Shift+L")
    tile(page, "Claude Code").locator("visible=true").first.click()
    wait_for_text(page, "Claude Code")
    picture(page, "tab-claude")
    [session] = lab.sessions()
    assert session["worktree"] == str(repository.parent / "a")
    expect(tab(page, "Claude · a")).to_be_visible()

    page.locator(".jp-BreadCrumbs-home").click()
    enter_directory(page, "b")
    page.keyboard.press("Control+Shift+L")
    tile(page, "Shell").locator("visible=true").first.click()
    expect(tab(page, "Shell · b")).to_be_visible()
    wait_for_text(page, "agent@")
    keys_that_browsers_and_jupyterlab_have_uses_for_reach_the_agent(page)
    a_title_that_the_agent_sets_does_not_take_the_tabs_name_away(page)
    enter(page, "git switch --create topic")
    expect(tab(page, "Shell · topic")).to_be_visible()  # The name follows the branch.
    jupyterlabs_shortcuts_stay_out_of_the_agents_keys(page)


def keys_that_browsers_and_jupyterlab_have_uses_for_reach_the_agent(page: Page) -> None:
    enter(page, "echo re$((1))d; read -rsn1 key; printf 'got %d.' \"'$key\"")
    wait_for_text(page, "re1d")
    page.keyboard.press("Control+p")
    wait_for_text(page, "got 16.")
    enter(page, "")


def a_title_that_the_agent_sets_does_not_take_the_tabs_name_away(page: Page) -> None:
    enter(page, "printf '\\033]0;mine\\007\\033]2;mine\\007'; echo se$((1+1))t")
    wait_for_text(page, "se2t")
    expect(tab(page, "Shell · b")).to_be_visible()
    expect(tab(page, "mine")).to_have_count(0)


def jupyterlabs_shortcuts_stay_out_of_the_agents_keys(page: Page) -> None:
    enter(page, "echo re$((1))dy; cat -v")  # A key that comes earlier is the shell's.
    wait_for_text(page, "re1dy")
    for key in ("Control+b", "Control+n"):  # The side bar, a window.
        page.keyboard.press(key)
    enter(page, "here")
    wait_for_text(page, "^B^Nhere")
    expect(page.locator(".jp-FileBrowser")).to_be_visible()
    page.keyboard.press("Control+Shift+L")  # With Shift they are JupyterLab's.
    expect(tile(page, "Shell").locator("visible=true")).to_be_visible()


def test_an_agent_gets_each_escape_where_nothing_is_read_aloud(
    lab, page, repository, user_settings
):
    write_setting(user_settings, "terminal-extension/plugin", {})
    open_page(page, lab)
    enter_directory(page, "b")
    tile(page, "Shell").click()
    terminal = page.locator(".jp-Terminal:visible .xterm-helper-textarea")
    expect(terminal).to_be_focused()
    enter(page, "cat > seen")
    seen = repository.parent / "b" / "seen"
    wait_until(seen.exists)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    enter(page, "")
    wait_until(lambda: seen.read_bytes() == b"\x1b\x1b\n")


def test_a_tab_says_at_once_how_its_session_ended_or_was_stopped_and_starts_it_again(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo last wo$((1))rds; exit 3")
    expect(ended(page)).to_contain_text("Shell ended (exit code 3).")
    wait_for_text(page, "last wo1rds")
    picture(page, "tab-ended")
    ended(page).get_by_role("button", name="Restart").click()
    expect(screen(page)).not_to_contain_text("last wo1rds")  # The new one's is there.
    expect(ended(page)).to_have_count(0)
    wait_for_text(page, "agent@")
    [session] = lab.sessions()
    expect(tab(page, "Shell · src")).to_have_count(1)
    enter(page, "echo last mo$((1))re")
    wait_for_text(page, "last mo1re")

    # By somebody else; the keyboard alone leads to its restart.
    lab.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    expect(ended(page)).to_contain_text("Shell was stopped.")
    wait_for_text(page, "last mo1re")
    page.keyboard.press("Tab")
    expect(ended(page).get_by_role("button", name="Restart")).to_be_focused()
    page.keyboard.press("Enter")
    expect(screen(page)).not_to_contain_text("last mo1re")
    expect(ended(page)).to_have_count(0)
    wait_for_text(page, "agent@")
    expect(page.locator(".jp-Terminal:visible .xterm-helper-textarea")).to_be_focused()

    enter(page, "exit")
    expect(ended(page)).to_contain_text("Shell ended.")
    ended(page).get_by_role("button", name="Close").click()
    expect(tab(page, "Shell · src")).to_have_count(0)


def test_a_tab_comes_back_with_its_screen_and_never_as_a_shell_of_the_host(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo be$((1+1))fore")
    wait_for_text(page, "be2fore")
    page.keyboard.type("typed, not sent")
    wait_for_text(page, "typed, not sent")
    [session] = lab.sessions()
    wait_until(lambda: session["id"] in saved_layout(lab))
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.reload()
    wait_for_text(page, "be2fore")
    wait_for_text(page, "typed, not sent")
    page.locator(".jp-Terminal:visible").click()
    page.keyboard.type(" yet")
    wait_for_text(page, "typed, not sent yet")
    assert [url for method, url in asked if method == "POST" and "api/terminals" in url] == []
    assert lab.sessions() == [session]

    # Stopped while no page was open.
    page.goto("about:blank")
    lab.request("DELETE", f"agentauth/api/sessions/{session['id']}")
    page.goto(lab.url)
    expect(ended(page)).to_contain_text("was stopped")
    picture(page, "tab-stopped-elsewhere")
    assert lab.request("GET", "api/terminals") == []
    ended(page).get_by_role("button", name="Restart").click()
    expect(ended(page)).to_have_count(0)
    wait_for_text(page, "agent@")


def test_a_tab_that_stays_open_while_the_server_is_killed_has_its_screen_again_once(lab, page):
    open_page(page, lab)
    open_shell(page)
    enter(page, "echo be$((1+1))fore")
    wait_for_text(page, "be2fore")
    # JupyterLab's own dialogue about its server stands before all else.
    page.add_locator_handler(
        page.locator(".jp-Dialog"),
        lambda dialog: dialog.get_by_role("button").last.click(),
        no_wait_after=True,
    )
    lab.kill()
    expect(ended(page)).to_contain_text("Connection lost")
    # Each connection has a terminal of its own; what is typed before the new one has its is lost.
    page.locator(".jp-Terminal:visible").evaluate("each => each.classList.add('the-lost-one')")
    lab.start()
    expect(page.locator(".the-lost-one")).to_have_count(0)
    expect(ended(page)).to_have_count(0)  # There is nothing to say.
    page.locator(".jp-Terminal:visible").click()
    expect(page.locator(".jp-Terminal:visible .xterm-helper-textarea")).to_be_focused()
    enter(page, "echo af$((1+1))ter")
    wait_for_text(page, "af2ter")
    assert screen(page).inner_text().count("be2fore") == 1
    assert len(lab.sessions()) == 1
