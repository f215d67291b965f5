"""`AgentPanel()` in a notebook, in the real JupyterLab and Notebook 7 pages."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from command_line import git
from lab_notebook import run_cell, write_notebook
from lab_page import LOADING, picture, saved_layout
from lab_panel import begin_build, luminance
from lab_server import LabServer
from playwright.sync_api import Locator, Page, expect
from waiting import wait_until

SWITCH = "Share sign-ins between containers"


PANEL = "from jupyter_agentauth import AgentPanel\npanel = AgentPanel()\npanel"


def notebook_url(server: LabServer, where: str) -> str:
    """The page of the notebook."""
    return f"{server.address}{where}/main/panel.ipynb?{server.url.partition('?')[2]}"


def open_notebook(page: Page, server: LabServer, where: str = "lab/tree") -> Locator:
    """Open the notebook, run its cell, and return the panel once everything was read."""
    page.goto(notebook_url(server, where))
    run_cell(page)
    return read_whole(page)


def read_whole(page: Page) -> Locator:
    panel = page.locator(".agentauth-panel").first
    expect(panel).to_be_visible(timeout=LOADING)
    expect(panel.get_by_label(SWITCH)).to_be_enabled(timeout=LOADING)
    expect(panel.get_by_text("Not read yet.")).to_have_count(0, timeout=LOADING)
    return panel


def show_side_panel(page: Page) -> Locator:
    side = page.locator("#agentauth-panel")
    if not side.is_visible():
        page.get_by_role("tab", name="Agents", exact=True).click()
    return side


def session_row(panel: Locator, title: str) -> Locator:
    """The line of a session in the panel."""
    row = panel.locator(".widget-hbox").filter(has=panel.page.get_by_text(title, exact=True))
    return row.filter(has=panel.page.get_by_role("button", name=re.compile("Stop|Forget"))).last


@pytest.fixture
def notebook(repository: Path) -> Path:
    """A notebook in the main worktree with the panel in its only cell."""
    write_notebook(repository / "panel.ipynb", PANEL)
    return repository / "panel.ipynb"


def test_the_switch_is_the_side_panels_both_ways_and_over_a_reload(lab, page, notebook):
    panel = open_notebook(page, lab)
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
    expect(theirs).to_be_checked(timeout=LOADING)  # It is restored with the layout.
    # The kernel went on, and so does its panel.
    run_cell(page)
    read_whole(page)
    expect(ours).to_be_checked()


def test_a_button_opens_an_agent_in_the_chosen_worktree_and_its_session_is_stopped_here(
    lab, page, repository, notebook, containers
):
    panel = open_notebook(page, lab)
    choice = panel.get_by_label("Worktree", exact=True)
    expect(choice).to_have_value(re.compile("^main: main"))
    choice.select_option("main: a, no changes")
    panel.get_by_role("button", name="Open Claude Code").click()
    row = session_row(panel, "Claude Code · a")
    expect(row).to_contain_text("running", timeout=LOADING)
    [container] = containers()
    assert (container.labels["agent"], container.state) == ("claude", "running")
    [session] = lab.sessions()
    assert session["worktree"] == str(repository.parent / "a")
    # Its tab opens beside the notebook.
    expect(page.get_by_role("tab", name="Claude · a")).to_be_visible(timeout=LOADING)
    picture(page, "notebook-panel-session")

    row.get_by_role("button", name="Stop").click()
    expect(panel.get_by_text("No agent runs.")).to_be_visible(timeout=LOADING)
    wait_until(lambda: containers() == [])
    expect(panel.get_by_text("Open in a tab")).to_have_count(0)


def test_a_new_worktree_is_made_chosen_and_seen_by_all_panels(lab, page, repository, notebook):
    write_notebook(repository / "panel.ipynb", PANEL, "AgentPanel()")
    git(repository, "branch", "older")
    panel = open_notebook(page, lab)
    run_cell(page, 1)
    other = page.locator(".agentauth-panel").nth(1)
    expect(other.get_by_label(SWITCH)).to_be_enabled(timeout=LOADING)
    panel.get_by_role("button", name="New worktree…").press("Enter")  # By keyboard alone.
    panel.get_by_role("button", name="Create worktree").click()
    expect(panel.get_by_role("alert")).to_have_text("Give the new branch a name.")
    panel.get_by_role("button", name="Dismiss").click()
    expect(panel.get_by_role("alert")).to_have_count(0)

    panel.get_by_label("New branch").fill("a")
    panel.get_by_role("button", name="Create worktree").click()
    expect(panel.get_by_role("alert")).to_contain_text("checked out", timeout=LOADING)
    panel.get_by_label("New branch").fill("fix-typo")
    panel.get_by_label("From").fill("older")
    picture(page, "notebook-panel-new-worktree")
    panel.get_by_role("button", name="Create worktree").press("Enter")
    chosen = panel.get_by_label("Worktree", exact=True)
    expect(chosen).to_have_value("main: fix-typo, no changes", timeout=LOADING)
    theirs = other.get_by_label("Worktree", exact=True)
    expect(theirs.locator("option[value*=fix-typo]")).to_have_count(1)
    expect(theirs).to_have_value(re.compile("^main: main"))
    assert "fix-typo" in git(repository, "worktree", "list")


def test_an_image_is_built_with_progress_and_the_build_is_cancelled(
    repository, image, containers, page, notebook, tmp_path
):
    name = f"agentauth-test-panel-{os.getpid()}:latest"
    lab = LabServer(repository.parent, tmp_path / "lab.log", f"--AgentAuth.image={name}")
    lab.start()
    building = threading.Thread(target=begin_build, args=(lab, image))
    try:
        panel = open_notebook(page, lab)
        expect(panel.get_by_text(f"{name}, which is not there yet")).to_be_visible()
        expect(panel.get_by_role("button", name="Open Claude Code")).to_be_disabled()
        picture(page, "notebook-panel-no-image")
        building.start()  # By somebody else: the panel joins it.
        cancel = panel.get_by_role("button", name="Cancel")
        expect(cancel).to_be_visible(timeout=LOADING)
        expect(panel.get_by_text(re.compile(r"Step \d+ of \d+: "))).to_be_visible(timeout=LOADING)
        bar = panel.get_by_role("progressbar", name="Building the image")
        expect(bar).to_have_attribute("max", re.compile("[1-9]"))
        expect(panel.get_by_role("button", name="Build image")).to_be_disabled()
        cancel.scroll_into_view_if_needed()
        picture(page, "notebook-panel-building")
        cancel.click()
        expect(cancel).not_to_be_visible(timeout=LOADING)
        expect(panel.get_by_text("The build was cancelled")).to_be_visible()
        building.join(60)
        assert lab.request("GET", "agentauth/api/image")["present"] is False
    finally:
        lab.kill()


def test_a_build_that_is_begun_here_is_cancelled_and_the_image_is_as_it_was(
    repository, image, own_image, engine, containers, page, notebook, tmp_path
):
    name = own_image(image)
    before = engine.client.images.get(name).id
    lab = LabServer(repository.parent, tmp_path / "lab.log", f"--AgentAuth.image={name}")
    lab.start()
    try:
        panel = open_notebook(page, lab)
        build = panel.get_by_role("button", name="Rebuild image")
        build.click()
        expect(panel.get_by_text(re.compile(r"Step \d+ of \d+: "))).to_be_visible(timeout=LOADING)
        expect(build).to_be_disabled()
        # The side panel sees the same build.
        side = show_side_panel(page)
        expect(side.get_by_role("progressbar")).to_be_visible(timeout=LOADING)
        panel.get_by_role("button", name="Cancel").click()
        expect(panel.get_by_text("The build was cancelled")).to_be_visible(timeout=LOADING)
        expect(build).to_be_enabled()
        assert engine.client.images.get(name).id == before
    finally:
        lab.kill()


def test_a_cell_that_runs_again_leaves_neither_threads_nor_widgets(lab, page, repository):
    count = (
        "import threading, ipywidgets\n"
        "print('kept', len(ipywidgets.Widget._instances) if hasattr(ipywidgets.Widget, "
        "'_instances') else len(ipywidgets.widgets.widget._instances), "
        "sorted(t.name for t in threading.enumerate() if 'agent' in t.name))"
    )
    write_notebook(repository / "panel.ipynb", PANEL, count, "panel.close()")
    open_notebook(page, lab)
    said = page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-OutputArea-output")
    run_cell(page, 1)
    expect(said).to_contain_text("kept", timeout=LOADING)
    first = said.inner_text()
    assert "agent panel: read" in first
    for _ in range(3):
        run_cell(page, 0)
        read_whole(page)
    run_cell(page, 1)
    expect(said).to_have_text(first)
    run_cell(page, 2)
    run_cell(page, 1)
    expect(said).to_have_text("kept 0 []")


def test_a_saved_panel_holds_no_secret_and_is_dead_for_somebody_else(
    lab, page, repository, notebook
):
    write_notebook(repository / "panel.ipynb", PANEL, "print('a cell', 'ran')")
    open_notebook(page, lab)
    page.get_by_role("menuitem", name="Settings").click()
    page.get_by_text("Save Widget State Automatically").click()

    def is_saved() -> bool:
        page.keyboard.press("Control+s")  # The setting holds a moment after the click.
        return "widget-state" in notebook.read_text()

    wait_until(is_saved)
    saved = notebook.read_text()
    assert lab.headers["Authorization"].split()[1] not in saved
    assert SWITCH in saved

    lab.kill()
    lab.start()
    page.goto(notebook_url(lab, "lab/tree"))
    panel = page.locator(".agentauth-panel").first
    expect(panel.get_by_label(SWITCH)).to_be_visible(timeout=LOADING)
    panel.get_by_label(SWITCH).click()
    panel.get_by_role("button", name="Open Codex").click()
    # What runs a cell was sent before that, so that by now it would have been done.
    run_cell(page, 1)
    said = page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-OutputArea-output")
    expect(said).to_contain_text("a cell ran", timeout=LOADING)
    assert lab.sessions() == []
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is False
    picture(page, "notebook-panel-dead")


def test_in_notebook_7_an_agent_is_opened_and_told_how_to_be_reached(
    repository, image, containers, page, notebook, tmp_path
):
    server = LabServer(repository.parent, tmp_path / "notebook.log", app="notebook")
    server.start()
    try:
        panel = open_notebook(page, server, "notebooks")
        panel.get_by_label(SWITCH).check()
        wait_until(lambda: server.request("GET", "agentauth/api/settings")["share_auth"] is True)
        panel.get_by_role("button", name="Open Codex").click()
        row = session_row(panel, "Codex · main")
        expect(row).to_contain_text("running", timeout=LOADING)
        expect(panel.get_by_role("button", name="Open in a Tab")).to_be_visible()
        picture(page, "notebook7-panel")
        row.get_by_role("button", name="Stop").click()
        wait_until(lambda: containers() == [])
    finally:
        server.kill()


def test_in_the_dark_theme_the_panel_is_light_on_dark(lab, page, repository, notebook):
    settings = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "lab/user-settings/@jupyterlab"
    (settings / "apputils-extension" / "themes.jupyterlab-settings").write_text(
        '{"theme": "JupyterLab Dark"}'
    )
    panel = open_notebook(page, lab)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    picture(page, "notebook-panel-dark")
    text = "element => getComputedStyle(element).color"
    for shown in ("not signed in", "No agent runs.", "Sign in once"):
        assert luminance(panel.get_by_text(shown).first.evaluate(text)) > 0.5
