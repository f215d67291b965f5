"""JupyterLab's page in Debian's Chromium, as a user has it before them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from lab_server import LabServer
from playwright.sync_api import Page, sync_playwright

#: JupyterLab's page comes slowly on a busy machine; milliseconds.
LOADING = 120_000

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


def saved_layout(lab: LabServer) -> str:
    """What JupyterLab restores; it takes a moment to save it."""
    return json.dumps(lab.request("GET", "lab/api/workspaces/default"))
