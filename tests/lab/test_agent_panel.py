"""`AgentPanel()` in a notebook, in the real JupyterLab page; see also `test_notebook_7.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import git
from lab_notebook import cells, run_cell, write_notebook
from lab_page import picture, saved_layout
from lab_panel import agent_panel, notebook_url, session_row, show_side_panel
from playwright.sync_api import Page, expect
from waiting import wait_until

SWITCH = "Share sign-ins between containers"
PANEL = "from jupyter_agentauth import AgentPanel\npanel = AgentPanel()\npanel"
COUNT = (
    "import threading, ipywidgets\n"
    "print('kept', len(ipywidgets.Widget._instances) if hasattr(ipywidgets.Widget, "
    "'_instances') else len(ipywidgets.widgets.widget._instances), "
    "sorted(t.name for t in threading.enumerate() if 'agent' in t.name))"
)


@pytest.fixture
def notebook(repository: Path) -> Path:
    """Where the tests' notebook is."""
    return repository / "panel.ipynb"


def test_the_switch_is_the_side_panels_both_ways_and_over_a_reload_and_a_cell_that_runs_again_leaves_nothing(  # noqa: E501
    lab, page, notebook
):
    write_notebook(notebook, PANEL, COUNT, "panel.close()")
    page.goto(notebook_url(lab))
    run_cell(page)
    panel = agent_panel(page)
    side = show_side_panel(page)
    theirs = side.get_by_role("switch", name=SWITCH)
    expect(theirs).not_to_be_checked()
    ours = panel.get_by_label(SWITCH)
    ours.check()
    expect(theirs).to_be_checked()
    expect(panel).to_contain_text("shared with every container of that agent")
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is True
    picture(page, "notebook-panel-sharing")
    theirs.click()
    expect(ours).not_to_be_checked()
    theirs.click()
    expect(ours).to_be_checked()
    wait_until(lambda: '"current": "agentauth-panel"' in saved_layout(lab))
    page.reload()
    expect(theirs).to_be_checked()  # It is restored with the layout.
    # The kernel went on, and so does its panel.
    run_cell(page)
    agent_panel(page)
    expect(ours).to_be_checked()
    a_cell_that_runs_again_leaves_neither_threads_nor_widgets(page)


def a_cell_that_runs_again_leaves_neither_threads_nor_widgets(page: Page) -> None:
    said = cells(page).nth(1).locator(".jp-OutputArea-output")
    run_cell(page, 1)
    expect(said).to_contain_text("kept")
    first = said.inner_text()
    assert "agent panel: read" in first
    for _ in range(2):
        run_cell(page, 0)
        agent_panel(page)
    run_cell(page, 1)
    expect(said).to_have_text(first)
    run_cell(page, 2)
    run_cell(page, 1)
    expect(said).to_have_text("kept 0 []")


def test_a_new_worktree_is_chosen_and_seen_by_all_panels_and_an_agent_opened_and_stopped_in_one(
    lab, page, repository, notebook, containers
):
    write_notebook(notebook, PANEL, "AgentPanel()")
    git(repository, "branch", "older")
    page.goto(notebook_url(lab))
    run_cell(page)
    panel = agent_panel(page)
    run_cell(page, 1)
    other = agent_panel(page, 1)
    a_new_worktree_is_made_chosen_and_seen_by_all_panels(page, repository)

    # The other stays as it was, and opens an agent in the worktree that is chosen there.
    choice = other.get_by_label("Worktree", exact=True)
    expect(choice).to_have_value(re.compile("^main: main"))
    choice.select_option("main: a, no changes")
    other.get_by_role("button", name="Open Codex").click()
    row = session_row(other, "Codex · a")
    [container] = containers()
    assert (container.labels["agent"], container.state) == ("codex", "running")
    [session] = lab.sessions()
    assert session["worktree"] == str(repository.parent / "a")
    # Its tab opens beside the notebook.
    expect(page.get_by_role("tab", name="Codex · a")).to_be_visible()
    picture(page, "notebook-panel-session")
    row.get_by_role("button", name="Stop").click()
    expect(panel.get_by_text("No agent runs.")).to_be_visible()
    wait_until(lambda: containers() == [])
    expect(panel.get_by_text("Open in a tab")).to_have_count(0)


def a_new_worktree_is_made_chosen_and_seen_by_all_panels(page: Page, repository: Path) -> None:
    panel, other = agent_panel(page), agent_panel(page, 1)
    panel.get_by_role("button", name="New worktree…").press("Enter")  # By keyboard alone.
    panel.get_by_role("button", name="Create worktree").click()
    expect(panel.get_by_role("alert")).to_have_text("Give the new branch a name.")
    panel.get_by_role("button", name="Dismiss").click()
    expect(panel.get_by_role("alert")).to_have_count(0)
    panel.get_by_label("New branch").fill("a")
    panel.get_by_role("button", name="Create worktree").click()
    expect(panel.get_by_role("alert")).to_contain_text("checked out")
    panel.get_by_label("New branch").fill("fix-typo")
    panel.get_by_label("From").fill("older")
    picture(page, "notebook-panel-new-worktree")
    panel.get_by_role("button", name="Create worktree").press("Enter")
    chosen = panel.get_by_label("Worktree", exact=True)
    expect(chosen).to_have_value("main: fix-typo, no changes")
    theirs = other.get_by_label("Worktree", exact=True)
    expect(theirs.locator("option[value*=fix-typo]")).to_have_count(1)
    assert "fix-typo" in git(repository, "worktree", "list")


def test_a_saved_panel_holds_no_secret_and_is_dead_for_somebody_else(lab, page, notebook):
    write_notebook(notebook, PANEL, "print('a cell', 'ran')")
    page.goto(notebook_url(lab))
    run_cell(page)
    agent_panel(page)
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_text("Save Widget State Automatically").click()

    def is_saved() -> bool:
        page.keyboard.press("Control+s")  # The setting holds a moment after the click.
        return "widget-state" in notebook.read_text()

    wait_until(is_saved)
    saved = notebook.read_text()
    assert lab.headers["Authorization"].split()[1] not in saved
    assert SWITCH in saved

    # Another kernel and another page have it before them.
    page.goto("about:blank")
    for session in lab.request("GET", "api/sessions"):
        lab.request("DELETE", f"api/sessions/{session['id']}")
    page.goto(notebook_url(lab))
    panel = page.locator(".agentauth-panel").first
    expect(panel.get_by_label(SWITCH)).to_be_visible()
    panel.get_by_label(SWITCH).click()
    panel.get_by_role("button", name="Open Codex").click()
    # What runs a cell was sent after that, so that by now it would have been done.
    run_cell(page, 1)
    expect(cells(page).nth(1).locator(".jp-OutputArea-output")).to_contain_text("a cell ran")
    assert lab.sessions() == []
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is False
    picture(page, "notebook-panel-dead")
