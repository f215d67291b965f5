"""Notebook 7, as `jupyter notebook` starts it: its panel, cells and tabs of the browser."""

from __future__ import annotations

from lab_notebook import run_cell, write_notebook
from lab_page import picture, wait_for_text
from lab_panel import PANEL, agent_panel, session_row
from lab_tabs import enter
from playwright.sync_api import Page, expect
from waiting import wait_until


def palette(page: Page, label: str) -> None:
    """Run a command from the palette."""
    page.keyboard.press("Control+Shift+C")
    page.locator(".lm-CommandPalette-input").fill(label)
    page.locator(".lm-CommandPalette-item").filter(has_text=label).first.click()


def test_a_shell_is_opened_from_the_palette_in_a_tab_of_the_browser(start_lab, page):
    server = start_lab(app="notebook")
    page.goto(server.url)
    page.locator(".jp-DirListing-item").first.wait_for()
    page.evaluate("() => document.body.focus()")
    with page.expect_popup() as opened:
        palette(page, "Open Shell")
    terminal = opened.value
    wait_for_text(terminal, "agent@")
    enter(terminal, "echo in a con$((1))tainer")
    wait_for_text(terminal, "in a con1tainer")
    [session] = server.sessions()
    assert terminal.url.partition("?")[0].endswith(f"/terminals/{session['terminal']}")
    picture(terminal, "notebook-terminal")
    page.get_by_role("menuitem", name="View", exact=True).click()
    picture(page, "notebook")


def test_a_cell_shows_a_line_with_a_button_for_the_terminal_and_the_panel_opens_an_agent(
    start_lab, page, repository, containers
):
    line = "%load_ext jupyter_agentauth\n%agent bash --worktree a"
    write_notebook(repository / "cell.ipynb", PANEL, line)
    server = start_lab(app="notebook")
    page.goto(f"{server.address}notebooks/main/cell.ipynb?{server.url.partition('?')[2]}")
    run_cell(page)
    ours = agent_panel(page)
    ours.get_by_label("Share sign-ins between containers").check()
    wait_until(lambda: server.request("GET", "agentauth/api/settings")["share_auth"] is True)
    ours.get_by_role("button", name="Open Codex").click()
    row = session_row(ours, "Codex · main")
    expect(ours.get_by_role("button", name="Open in a Tab")).to_be_visible()
    picture(page, "notebook7-panel")
    row.get_by_role("button", name="Stop").click()
    wait_until(lambda: containers() == [])

    run_cell(page, 1)
    button = page.locator(".jp-AgentAuth-outputLine").get_by_role("button", name="Open in a Tab")
    button.wait_for()
    picture(page, "notebook7-line")
    with page.context.expect_page() as opened:
        button.click()
    [session] = server.sessions()
    opened.value.wait_for_url(f"**/terminals/{session['terminal']}")
