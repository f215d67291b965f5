"""Sessions that a cell opens: beside the notebook, or in its output, and nothing by themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lab_notebook import cells, prompt, run_cell, wait_for_kernel, write_notebook
from lab_page import picture, wait_for_text
from lab_server import LabServer
from lab_tabs import enter, tab
from onboarding import onboard_claude
from playwright.sync_api import Locator, Page, expect

MIME = "application/vnd.jupyter-agentauth.session+json"

LOAD = "%load_ext jupyter_agentauth\n"
BESIDE = LOAD + "%agent bash --worktree a"
INLINE = BESIDE + " --inline"
CLAUDE = "%agent claude --worktree a --share"


@pytest.fixture
def notebook(repository: Path) -> Path:
    """Where the tests' notebook is."""
    return repository / "cell.ipynb"


def terminal_sockets(page: Page) -> list[str]:
    """The terminals that the page connects to from now on."""
    seen: list[str] = []
    page.on("websocket", lambda s: seen.append(s.url) if "terminals/websocket" in s.url else None)
    return seen


def open_notebook(page: Page, server: LabServer, where: str = "lab/tree") -> None:
    page.goto(f"{server.address}{where}/main/cell.ipynb?{server.url.partition('?')[2]}")
    cells(page).first.wait_for()


def line(page: Page) -> Locator:
    return page.locator(".jp-AgentAuth-outputLine")


def inline(page: Page) -> Locator:
    return page.locator(".jp-AgentAuth-inline")


def test_a_cell_opens_the_tab_of_a_session_beside_its_notebook_and_inline_keys_reach_the_agent(
    lab, page, repository, notebook
):
    onboard_claude(repository.parent / "a")
    write_notebook(notebook, LOAD + CLAUDE, CLAUDE + " --inline")
    open_notebook(page, lab)
    run_cell(page)
    expect(tab(page, "Claude · a")).to_be_visible()
    wait_for_text(page, "Claude Code")
    shown = page.locator(".jp-AgentAuth-tab").bounding_box()
    beside = page.locator(".jp-NotebookPanel").bounding_box()
    assert beside
    assert shown
    assert shown["x"] >= beside["x"] + beside["width"] - 1
    expect(line(page)).to_contain_text("Claude · a")
    expect(page.locator(".jp-AgentAuth-tab .xterm-helper-textarea")).to_be_focused()
    picture(page, "notebook-agent")
    keys_typed_in_an_inline_terminal_reach_the_agent_and_not_the_notebook(page)


def keys_typed_in_an_inline_terminal_reach_the_agent_and_not_the_notebook(page: Page) -> None:
    tab(page, "Claude · a").click(button="middle")  # Closed; its session goes on.
    run_cell(page, 1)
    wait_for_text(page, "Claude Code")
    picture(page, "notebook-inline")
    inline(page).click()
    page.keyboard.type("ddabx")
    wait_for_text(page, "ddabx")
    for key in ("Escape", "Shift+Enter", "d", "d", "Control+Enter", "b"):
        page.keyboard.press(key)
    expect(inline(page)).to_be_visible()
    expect(cells(page)).to_have_count(2)
    expect(prompt(page, 1)).to_have_text("[2]:")


def test_a_console_opens_the_tab_beside_itself(lab, page):
    page.goto(lab.url)
    page.locator(".jp-LauncherCard[data-category='Console']").first.click()
    entry = page.locator(".jp-CodeConsole-promptCell .cm-content")
    entry.wait_for()
    expect(page.locator(".jp-CodeConsole-banner")).to_contain_text("Python")
    entry.click()
    page.keyboard.insert_text(BESIDE)
    page.keyboard.press("Shift+Enter")
    expect(tab(page, "Shell · a")).to_be_visible()
    wait_for_text(page, "agent@")
    expect(line(page)).to_contain_text("Shell · a")
    expect(page.locator(".jp-CodeConsole")).to_be_visible()


def test_an_inline_terminal_takes_control_keys_and_a_reloaded_one_attaches_when_asked_and_holds_no_token(  # noqa: E501
    lab, page, notebook
):
    write_notebook(notebook, INLINE)
    open_notebook(page, lab)
    run_cell(page)
    wait_for_text(page, "agent@")
    inline(page).click()
    enter(page, "echo re$((1))dy; cat -v")  # A key that comes earlier is the shell's.
    wait_for_text(page, "re1dy")
    for key in ("Control+p", "Control+b"):
        page.keyboard.press(key)
    wait_for_text(page, "^P^B")
    # This one holds the terminal's output back, until the other lets it go on.
    for key in ("Control+s", "x", "Control+q"):
        page.keyboard.press(key)
    wait_for_text(page, "^P^Bx")
    expect(cells(page)).to_have_count(1)
    assert MIME not in notebook.read_text()  # Nothing was saved.

    page.get_by_role("button", name=re.compile("^Save and create")).first.click()
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = notebook.read_text()
    assert MIME in saved
    assert lab.headers["Authorization"].split()[1] not in saved
    sockets = terminal_sockets(page)
    open_notebook(page, lab)
    expect(line(page)).to_contain_text("Shell · a")
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


def test_a_foreign_notebook_shows_text_and_opens_nothing_by_itself_even_where_it_is_trusted(
    lab, page, repository, notebook
):
    session = lab.open("bash", repository.parent / "a")
    write_notebook(notebook, "1 + 1", outputs=foreign_outputs(session["id"], "0123456789ab"))
    sockets = terminal_sockets(page)
    open_notebook(page, lab)
    expect(page.get_by_text(f"session {session['id']}")).to_be_visible()
    wait_for_kernel(page)
    expect(line(page)).to_have_count(0)
    assert sockets == []

    jupyter = Path(sys.executable).parent / "jupyter"
    subprocess.run([jupyter, "trust", notebook], check=True)
    open_notebook(page, lab)
    expect(line(page).first).to_contain_text("Shell · a")
    expect(line(page).nth(1)).to_contain_text("<b>T</b>This server does not know the session")
    wait_for_kernel(page)
    picture(page, "notebook-foreign")
    expect(inline(page)).to_have_count(0)
    expect(tab(page, "Shell · a")).to_have_count(0)
    assert sockets == []


def test_of_two_windows_only_the_one_that_ran_the_cell_acts(lab, page, notebook):
    write_notebook(notebook, BESIDE)
    open_notebook(page, lab)
    other = page.context.new_page()
    open_notebook(other, lab, "lab/workspaces/other/tree")
    wait_for_kernel(other)
    sockets = terminal_sockets(other)
    page.bring_to_front()
    run_cell(page)
    wait_for_text(page, "agent@")
    other.bring_to_front()
    expect(tab(other, "Shell · a")).to_have_count(0)
    assert sockets == []
