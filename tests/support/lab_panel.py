"""The side panel in JupyterLab's page, and `AgentPanel()` in a notebook."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from urllib.request import Request, urlopen

from lab_page import launcher_is_there
from lab_server import LabServer
from playwright.sync_api import Locator, Page, expect


def open_panel(page: Page, lab: LabServer) -> Locator:
    """Load the page and show the panel, read whole."""
    page.goto(lab.url)
    launcher_is_there(page)
    panel = page.get_by_role("region", name="Agents", exact=True)
    if not panel.first.is_visible():
        page.get_by_role("tab", name="Agents", exact=True).click()
    panel.get_by_text("Not read yet.").first.wait_for(state="detached")
    expect(panel.get_by_text("Not read yet.")).to_have_count(0)
    return page.locator("#agentauth-panel")


def show_side_panel(page: Page) -> Locator:
    """Show the panel in a page that is loaded."""
    side = page.locator("#agentauth-panel")
    if not side.is_visible():
        page.get_by_role("tab", name="Agents", exact=True).click()
    return side


#: A cell that shows the panel.
PANEL = "from jupyter_agentauth import AgentPanel\nAgentPanel()"


def notebook_url(server: LabServer, where: str = "lab/tree") -> str:
    """The page of the notebook ``panel.ipynb`` in the main worktree."""
    return f"{server.address}{where}/main/panel.ipynb?{server.url.partition('?')[2]}"


def agent_panel(page: Page, number: int = 0) -> Locator:
    """A panel in the notebook, once it has read everything."""
    panel = page.locator(".agentauth-panel").nth(number)
    expect(panel).to_be_visible()
    expect(panel.get_by_label("Share sign-ins between containers")).to_be_enabled()
    expect(panel.get_by_text("Not read yet.")).to_have_count(0)
    return panel


def session_row(panel: Locator, title: str) -> Locator:
    """The line of a session in a notebook's panel; it runs, or this fails at once."""
    row = panel.locator(".widget-hbox").filter(has=panel.page.get_by_text(title, exact=True))
    row = row.filter(has=panel.page.get_by_role("button", name=re.compile("Stop|Forget"))).last
    expect(row).to_contain_text(re.compile("running|ended|stopped|failed"))
    expect(row).to_contain_text("running", timeout=1)
    return row


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
