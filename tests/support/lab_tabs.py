"""Tiles of the launcher, and tabs of sessions, in JupyterLab's page."""

from __future__ import annotations

import re

from lab_page import wait_for_text
from lab_server import LabServer
from playwright.sync_api import Locator, Page


def tile(page: Page, label: str) -> Locator:
    return page.locator(".jp-LauncherCard[data-category='Agents']").filter(has_text=label)


def open_page(page: Page, lab: LabServer) -> None:
    page.goto(lab.url)
    tile(page, "Shell").wait_for()


def enter_directory(page: Page, name: str) -> None:
    """Show a directory of the server's root; launchers that are opened now open there."""
    page.locator(".jp-DirListing-item", has_text=re.compile(f"^{name}")).dblclick()
    page.locator(".jp-BreadCrumbs-item", has_text=name).wait_for()


def open_shell(page: Page) -> None:
    tile(page, "Shell").click()
    wait_for_text(page, "agent@")


def enter(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def tab(page: Page, label: str) -> Locator:
    return page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel").filter(has_text=label)


def ended(page: Page) -> Locator:
    """What the tab in front says of its session's end."""
    return page.locator(".jp-AgentAuth-stateBar:visible")


def screen(page: Page) -> Locator:
    """What a screen reader reads of the terminal in front."""
    return page.locator(".jp-Terminal:visible .xterm-accessibility-tree")
