"""JupyterLab's page, as a user has it before them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from lab_server import LabServer
from playwright.sync_api import Page, expect

#: How long anything in a page may take on a busy machine; milliseconds. It is what `expect`, too,
#: waits at most (`browser.py`).
PATIENCE = 60_000

#: How long a screen may take that was sent before its session's end was.
_LAST_WORDS = 5_000


def launcher_is_there(page: Page) -> None:
    """Wait until JupyterLab's page can be used."""
    page.locator(".jp-LauncherCard").first.wait_for()


def open_terminal(page: Page, name: str) -> None:
    """Open a running terminal from JupyterLab's own list of them."""
    page.get_by_role("tab", name="Running Terminals and Kernels").click()
    page.get_by_text(f"terminals/{name}", exact=True).click()


def wait_for_text(page: Page, text: str) -> None:
    """Wait until the terminal in front shows a text; not on, when its session has ended without."""
    rows = page.locator(".jp-Terminal:visible .xterm-accessibility-tree")
    seen = rows.get_by_text(text)
    over = page.locator(".jp-AgentAuth-stateBar:visible").filter(has_text="ended")
    expect(seen.or_(over).first).to_be_attached()
    expect(seen.first).to_be_attached(timeout=_LAST_WORDS if over.count() else PATIENCE)


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page where AGENTAUTH_SCREENSHOTS says."""
    if directory := os.environ.get("AGENTAUTH_SCREENSHOTS"):
        page.screenshot(path=Path(directory) / f"{name}.png")


def saved_layout(lab: LabServer) -> str:
    """What JupyterLab restores; it takes a moment to save it."""
    return json.dumps(lab.request("GET", "lab/api/workspaces/default"))
