"""The side panel and its dialogs, in the real JupyterLab page."""

from __future__ import annotations

import re

from command_line import git
from lab_notebook import run_cell, write_notebook
from lab_page import picture
from lab_panel import (
    PANEL,
    agent_panel,
    luminance,
    notebook_url,
    open_panel,
    section,
    show_side_panel,
)
from lab_room import write_setting
from playwright.sync_api import expect
from waiting import wait_until


def test_a_session_is_listed_with_what_it_is_until_it_is_stopped_or_forgotten(
    lab, page, repository, containers
):
    panel = open_panel(page, lab)
    sessions = section(panel, "Sessions")
    expect(sessions).to_contain_text("No agent runs.")
    lab.request(
        "POST", "agentauth/api/sessions",
        {"agent": "codex", "worktree": "a", "profile": "work", "share_auth": True},
    )  # fmt: skip
    item = sessions.get_by_role("listitem").filter(has_text="Codex · a").first
    for told in ("running", re.compile("just now|min"), "profile work", "sharing on"):
        expect(item).to_contain_text(told)
    # It is at its worktree, too.
    here = section(panel, "Worktrees").get_by_role("list", name="Sessions here")
    expect(here).to_have_text("Codex")
    assert [c.state for c in containers()] == ["running"]
    picture(page, "panel-sessions")
    item.get_by_role("button", name="Stop Codex · a").click()
    expect(sessions).to_contain_text("No agent runs.")
    expect(here).to_have_count(0)
    wait_until(lambda: containers() == [])
    # Who works with the keyboard does not fall out of the panel.
    expect(sessions.get_by_role("button", name="Sessions")).to_be_focused()

    # One that ended by itself says how.
    lab.open("bash", repository, "--norc", "-c", "exit 3")
    expect(sessions).to_contain_text("ended, exit code 3")
    sessions.get_by_role("button", name="Forget").click()
    expect(sessions).to_contain_text("No agent runs.")
    assert lab.sessions() == []


def test_the_dialog_for_a_session_says_beside_a_field_what_is_wrong_and_opens_by_keyboard_alone(
    lab, page, repository, containers
):
    panel = open_panel(page, lab)
    panel.get_by_role("button", name="New session…").first.click()
    dialog = page.get_by_role("dialog")
    accept = dialog.get_by_role("button", name="Open")
    expect(accept).to_be_enabled()
    shared = dialog.get_by_text("Agent credentials are shared across containers.")
    expect(shared).to_have_count(0)
    dialog.get_by_label("Sharing of the sign-in").select_option("On for this session")
    expect(shared).to_be_visible()
    dialog.get_by_label("Profile").select_option("New profile…")
    name = dialog.get_by_label("Name of the new profile")
    expect(accept).to_be_disabled()
    name.fill("My Work")
    expect(dialog).to_contain_text("Use small letters, digits and _ . -")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    picture(page, "new-session-invalid")
    name.fill("work")
    dialog.get_by_label("Arguments").fill('"open')
    expect(dialog).to_contain_text("A quote or a backslash is left open.")
    expect(accept).to_be_disabled()
    dialog.get_by_label("Arguments").fill("")
    expect(accept).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert lab.sessions() == []

    panel.get_by_role("button", name="Open an agent in b…").press("Enter")
    expect(dialog.get_by_label("Agent")).to_be_focused()
    expect(dialog.get_by_label("Worktree")).to_have_value(str(repository.parent / "b"))
    page.keyboard.type("Shell")
    expect(dialog.get_by_label("Profile")).to_have_count(0)  # A shell has no credentials.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("--norc -c 'sleep \"1000\"'")
    page.keyboard.press("Enter")
    wait_until(lambda: [c.state for c in containers()] == ["running"])
    [session] = lab.sessions()
    assert (session["agent"], session["worktree"]) == ("bash", str(repository.parent / "b"))


def test_two_windows_agree_and_a_server_that_does_not_answer_is_said_and_read_again(lab, page):
    panel = open_panel(page, lab)
    other = open_panel(page.context.new_page(), lab)
    other.get_by_role("switch").click()
    expect(other.get_by_role("switch")).to_be_checked()
    expect(panel.get_by_role("switch")).to_be_checked()

    lost = panel.get_by_text("The server does not answer.")
    expect(lost).to_have_count(0)
    page.context.set_offline(True)
    panel.get_by_role("button", name="Read everything again").click()
    expect(lost).to_be_visible()
    expect(section(panel, "Worktrees")).to_contain_text("main")  # As it was.
    page.context.set_offline(False)
    panel.get_by_role("button", name="Read everything again").click()
    expect(lost).to_have_count(0)


def test_it_says_how_to_get_a_repository_and_why_sharing_is_off_where_that_is_forbidden(
    lab, start_lab, page, home, tmp_path
):
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    (tmp_path / "empty").mkdir()
    forbidding = start_lab("--AgentAuth.allow_share_auth=False", root=tmp_path / "empty")
    panel = open_panel(page, forbidding)
    worktrees = section(panel, "Worktrees")
    expect(worktrees).to_contain_text("There is no git repository")
    git(tmp_path / "empty", "init", "--quiet", "--initial-branch=main", "found")
    worktrees.get_by_role("button", name="Look again").click()
    expect(worktrees.get_by_role("heading", name="found")).to_be_visible()
    picture(page, "panel-without-sessions")

    switch = panel.get_by_role("switch")
    expect(switch).to_be_disabled()
    expect(switch).not_to_be_checked()
    expect(section(panel, "Sharing")).to_contain_text("Switched off by the administrator")
    switch.click(force=True)
    expect(switch).not_to_be_checked()
    picture(page, "panel-sharing-forbidden")
    panel.get_by_role("button", name="New session…").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Sharing of the sign-in")).to_be_disabled()
    expect(dialog).not_to_contain_text("Agent credentials are shared")


def test_in_the_dark_theme_panels_and_a_dialog_are_light_on_dark(
    lab, page, repository, user_settings
):
    write_setting(user_settings, "apputils-extension/themes", {"theme": "JupyterLab Dark"})
    write_notebook(repository / "panel.ipynb", PANEL)
    page.goto(notebook_url(lab))
    run_cell(page)
    ours = agent_panel(page)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    picture(page, "notebook-panel-dark")
    text = "element => getComputedStyle(element).color"
    for shown in ("not signed in", "No agent runs.", "Sign in once"):
        assert luminance(ours.get_by_text(shown).first.evaluate(text)) > 0.5

    lab.open("bash", repository, "--norc")
    panel = show_side_panel(page)
    expect(panel.get_by_text("Shell · main").first).to_be_visible()
    panel.get_by_role("button", name="New session…").first.click()
    dialog = page.locator(".jp-Dialog-content")
    expect(dialog).to_be_visible()
    picture(page, "dark")
    behind = "element => getComputedStyle(element).backgroundColor"
    sentences = [panel.get_by_text("Sign in once").first, panel.get_by_text("Shell · main").first]
    for sentence in (*sentences, dialog.get_by_text("Worktree", exact=True).first):
        assert luminance(sentence.evaluate(text)) > 0.5
    assert luminance(dialog.evaluate(behind)) < 0.3
    assert luminance(dialog.locator("select").first.evaluate(behind)) < 0.3
