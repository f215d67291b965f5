"""The side panel in JupyterLab's page."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.request import Request, urlopen

from lab_server import LabServer
from playwright.sync_api import Locator, Page, expect


def open_panel(page: Page, lab: LabServer) -> Locator:
    """Load the page and show the panel, read whole."""
    page.goto(lab.url)
    page.locator(".jp-LauncherCard").first.wait_for(timeout=120_000)
    panel = page.get_by_role("region", name="Agents", exact=True)
    if not panel.first.is_visible():
        page.get_by_role("tab", name="Agents", exact=True).click()
    panel.get_by_text("Not read yet.").first.wait_for(state="detached")
    expect(panel.get_by_text("Not read yet.")).to_have_count(0)
    return page.locator("#agentauth-panel")


def section(panel: Locator, name: str) -> Locator:
    """One of the panel's sections."""
    return panel.get_by_role("region", name=re.compile(f"^{name}"))


def luminance(color: str) -> float:
    """How light a CSS colour is, from 0 to 1."""
    red, green, blue = (int(number) for number in re.findall(r"\d+", color)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def begin_build(lab: LabServer, base: str) -> None:
    """Another window: it reads the build to its end."""
    with suppress(OSError):
        data = json.dumps({"base_image": base, "agents": ["opencode"]}).encode()
        address = lab.address + "agentauth/api/image/build"
        with urlopen(Request(address, data, lab.headers, method="POST"), timeout=300) as reply:
            reply.read()
