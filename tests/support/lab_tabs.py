"""Tiles of the launcher, and tabs of sessions, in JupyterLab's page."""

from __future__ import annotations

from lab_page import LOADING, wait_for_text
from playwright.sync_api import Page


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


def ended(page: Page):
    """What the tab in front says of its session's end."""
    return page.locator(".jp-AgentAuth-stateBar:visible")
