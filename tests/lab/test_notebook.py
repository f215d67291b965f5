"""Sessions that a cell opens: beside the notebook, or in its output, and nothing by themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lab_notebook import cells, prompt, run_cell, wait_for_kernel, write_notebook
from lab_page import LOADING, picture, wait_for_text
from lab_server import LabServer
from lab_tabs import tab
from onboarding import onboard_claude
from playwright.sync_api import Page, expect

MIME = "application/vnd.jupyter-agentauth.session+json"

LOAD = "%load_ext jupyter_agentauth\n"
BESIDE = LOAD + "%agent bash --worktree a"
INLINE = BESIDE + " --inline"


@pytest.fixture
def notebook(repository):
    """Where the tests' notebook is."""
    return repository / "cell.ipynb"


def terminal_sockets(page: Page) -> list[str]:
    """The terminals that the page connects to from now on."""
    seen: list[str] = []
    page.on("websocket", lambda s: seen.append(s.url) if "terminals/websocket" in s.url else None)
    return seen


def open_notebook(page: Page, server: LabServer, where: str = "lab/tree") -> None:
    page.goto(f"{server.address}{where}/main/cell.ipynb?{server.url.partition('?')[2]}")
    cells(page).first.wait_for(timeout=LOADING)


def line(page: Page):
    return page.locator(".jp-AgentAuth-outputLine")


def inline(page: Page):
    return page.locator(".jp-AgentAuth-inline")


def test_a_cell_opens_the_tab_of_a_session_beside_its_notebook(lab, page, repository, notebook):
    onboard_claude(repository.parent / "a")
    write_notebook(notebook, LOAD + "%agent claude --worktree a --share")
    open_notebook(page, lab)
    run_cell(page)
    expect(tab(page, "Claude · a")).to_be_visible(timeout=LOADING)
    wait_for_text(page, "Claude Code")
    shown = page.locator(".jp-AgentAuth-tab").bounding_box()
    beside = page.locator(".jp-NotebookPanel").bounding_box()
    assert beside
    assert shown
    assert shown["x"] >= beside["x"] + beside["width"] - 1
    expect(line(page)).to_contain_text("Claude · a")
    expect(page.locator(".xterm-helper-textarea:visible")).to_be_focused()
    picture(page, "notebook-agent")


def test_a_console_opens_the_tab_beside_itself(lab, page):
    page.goto(lab.url)
    page.locator(".jp-LauncherCard[data-category='Console']").first.click(timeout=LOADING)
    entry = page.locator(".jp-CodeConsole-promptCell .cm-content")
    entry.wait_for(timeout=LOADING)
    expect(page.locator(".jp-CodeConsole-banner")).to_contain_text("Python", timeout=LOADING)
    entry.click()
    page.keyboard.insert_text(BESIDE)
    page.keyboard.press("Shift+Enter")
    expect(tab(page, "Shell · a")).to_be_visible(timeout=LOADING)
    wait_for_text(page, "agent@")
    expect(line(page)).to_contain_text("Shell · a")
    expect(page.locator(".jp-CodeConsole")).to_be_visible()


def test_keys_typed_in_an_inline_terminal_reach_the_agent_and_not_the_notebook(
    lab, page, repository, notebook
):
    onboard_claude(repository.parent / "a")
    write_notebook(notebook, LOAD + "%agent claude --worktree a --share --inline")
    open_notebook(page, lab)
    run_cell(page)
    wait_for_text(page, "Claude Code")
    picture(page, "notebook-inline")
    inline(page).click()
    page.keyboard.type("ddabx")
    wait_for_text(page, "ddabx")
    for key in ("Escape", "Shift+Enter", "d", "d", "Control+Enter", "b"):
        page.keyboard.press(key)
    expect(inline(page)).to_be_visible()
    expect(cells(page)).to_have_count(1)
    expect(prompt(page)).to_have_text("[1]:")


def test_control_keys_typed_in_an_inline_terminal_reach_the_agent(lab, page, notebook):
    write_notebook(notebook, INLINE)
    open_notebook(page, lab)
    run_cell(page)
    wait_for_text(page, "agent@")
    inline(page).click()
    page.keyboard.type("cat -v")
    page.keyboard.press("Enter")
    for key in ("Control+p", "Control+b", "Control+s", "x"):
        page.keyboard.press(key)
    wait_for_text(page, "^P^B")
    expect(cells(page)).to_have_count(1)


def test_a_reloaded_notebook_attaches_only_when_asked_and_holds_no_token(lab, page, notebook):
    write_notebook(notebook, INLINE)
    open_notebook(page, lab)
    run_cell(page)
    wait_for_text(page, "agent@")
    page.get_by_role("button", name=re.compile("^Save and create")).first.click()
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = notebook.read_text()
    assert MIME in saved
    assert lab.headers["Authorization"].split()[1] not in saved
    sockets = terminal_sockets(page)
    open_notebook(page, lab)
    expect(line(page)).to_contain_text("Shell · a", timeout=LOADING)
    picture(page, "notebook-line")
    assert sockets == []
    line(page).get_by_role("button", name="Show Here").click()
    wait_for_text(page, "agent@")
    assert len(sockets) == 1


def foreign_outputs(*sessions: str) -> list[dict[str, Any]]:
    """What anybody can write into a notebook."""
    return [
        {
            "output_type": "display_data", "metadata": {},
            "data": {
                MIME: {"session": session, "title": "<b>T</b>", "inline": True},
                "text/plain": f"session {session}",
            },
        }
        for session in sessions
    ]  # fmt: skip


def test_a_foreign_notebook_shows_text(lab, page, repository, notebook):
    session = lab.open("bash", repository.parent / "a")
    write_notebook(notebook, "1 + 1", outputs=foreign_outputs(session["id"]))
    sockets = terminal_sockets(page)
    open_notebook(page, lab)
    expect(page.get_by_text(f"session {session['id']}")).to_be_visible()
    wait_for_kernel(page)
    expect(line(page)).to_have_count(0)
    assert sockets == []


def test_a_foreign_notebook_opens_nothing_by_itself_even_where_it_is_trusted(
    lab, page, repository, notebook
):
    session = lab.open("bash", repository.parent / "a")
    write_notebook(notebook, "1 + 1", outputs=foreign_outputs(session["id"], "0123456789ab"))
    jupyter = Path(sys.executable).parent / "jupyter"
    subprocess.run([jupyter, "trust", notebook], check=True)
    sockets = terminal_sockets(page)
    open_notebook(page, lab)
    expect(line(page).first).to_contain_text("Shell · a", timeout=LOADING)
    expect(line(page).nth(1)).to_contain_text("<b>T</b>This server does not know the session")
    wait_for_kernel(page)
    picture(page, "notebook-foreign")
    expect(inline(page)).to_have_count(0)
    expect(tab(page, "Shell · a")).to_have_count(0)
    assert sockets == []


def test_of_two_windows_only_the_one_that_ran_the_cell_acts(lab, page, notebook):
    write_notebook(notebook, BESIDE)
    open_notebook(page, lab)
    browser = page.context.browser
    assert browser
    other = browser.new_page()
    open_notebook(other, lab, "lab/workspaces/other/tree")
    wait_for_kernel(other)
    sockets = terminal_sockets(other)
    page.bring_to_front()
    run_cell(page)
    wait_for_text(page, "agent@")
    other.bring_to_front()
    expect(tab(other, "Shell · a")).to_have_count(0)
    assert sockets == []


def test_notebook_shows_a_line_with_a_button_for_the_terminal(
    page, repository, image, containers, tmp_path, notebook
):
    write_notebook(notebook, BESIDE)
    server = LabServer(repository.parent, tmp_path / "notebook.log", app="notebook")
    server.start()
    try:
        open_notebook(page, server, "notebooks")
        run_cell(page)
        button = line(page).get_by_role("button", name="Open in a Tab")
        button.wait_for(timeout=LOADING)
        picture(page, "notebook7-line")
        with page.context.expect_page() as opened:
            button.click()
        [session] = server.sessions()
        opened.value.wait_for_url(f"**/terminals/{session['terminal']}")
    finally:
        server.kill()
