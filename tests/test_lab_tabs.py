"""Agents opened from JupyterLab's launcher, in tabs that come back."""

from __future__ import annotations

import re

import pytest
from lab_page import picture, wait_for_text
from playwright.sync_api import Page, expect
from test_sessions import onboard_claude

pytestmark = pytest.mark.alone("the page loads against JupyterLab's own deadlines")

#: JupyterLab's page comes slowly on a busy machine.
LOADING = 120_000


def tile(page: Page, label: str):
    return page.locator(".jp-LauncherCard[data-category='Agents']").filter(has_text=label)


def open_page(page: Page, lab) -> None:
    page.goto(lab.url)
    tile(page, "Shell").wait_for(timeout=LOADING)


def open_shell(page: Page) -> None:
    tile(page, "Shell").click()
    wait_for_text(page, "agent@")


def enter(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def tab(page: Page, label: str):
    return page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").filter(has_text=label)


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
