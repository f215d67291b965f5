"""Debian's Chromium: one for all tests of the page in a process.

What it loaded once it has in its cache, compiled, for the tests that follow; what a page stored is
taken away after each test.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_page import PATIENCE, picture
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

#: Started in no other way does Chromium stay off the network.
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser with a profile. Of the room: Playwright's loop lets no other run beside it."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is not installed: make/browser installs it."
    directory = tmp_path_factory.mktemp("chromium")
    command = directory / "command"
    quiet = Path(__file__).with_name("without_netlink.py")
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{quiet}" "{chromium}" "$@"\n')
    command.chmod(0o755)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            directory / "profile",
            executable_path=command,
            args=CHROMIUM,
            viewport={"width": 1280, "height": 800},
        )
        context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield context
        context.close()


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A browser's page; a picture of it is kept where AGENTAUTH_SCREENSHOTS says."""
    stays, *_ = browser.pages  # Without a page the browser would end.
    page = browser.new_page()
    yield page
    picture(page, "at-the-end")
    browser.set_offline(False)
    for opened in browser.pages:
        if opened is not stays:
            if opened.url.startswith("http"):
                _forget(opened)
            opened.close()


def _forget(page: Page) -> None:
    """Take away what a page's server stored in the browser; what was loaded stays."""
    session = page.context.new_cdp_session(page)
    origin = "/".join(page.url.split("/")[:3])
    stores = "cookies,local_storage,session_storage,indexeddb,websql,service_workers"
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": stores})
