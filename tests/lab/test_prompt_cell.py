"""A prompt in a cell, in the real page: what one sees, what can be stopped, what is saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance_agents import of
from conformance_bench import Bench
from lab_notebook import cells, prompt, run_cell, wait_for_kernel, write_notebook
from lab_page import LOADING, picture
from lab_server import LabServer
from playwright.sync_api import Page, expect
from providers import Edit

PROMPT = "%%agent codex --share --worktree b --into made\nWrite {file}, please."


@pytest.fixture
def notebook(bench: Bench) -> Path:
    """In worktree a, with a variable that the prompt names."""
    path = bench.a / "cell.ipynb"
    write_notebook(path, "%load_ext jupyter_agentauth\nfile = 'made.txt'", PROMPT)
    return path


@pytest.fixture
def signed_in(bench: Bench, notebook: Path, tmp_path: Path) -> Iterator[LabServer]:
    """A JupyterLab whose user is signed in to Codex."""
    bench.be_signed_in()
    server = LabServer(bench.a.parent, tmp_path / "lab.log")
    server.start()
    yield server
    server.kill()


def open_and_load(page: Page, server: LabServer) -> None:
    page.goto(f"{server.address}lab/tree/a/cell.ipynb?{server.url.partition('?')[2]}")
    cells(page).first.wait_for(timeout=LOADING)
    run_cell(page)


@of("codex")
def test_what_the_agent_says_and_changes_is_shown_and_saved_without_a_secret(
    bench: Bench, signed_in: LabServer, page: Page, notebook: Path
):
    bench.provider.edit = Edit(str(bench.b / "made.txt"), "a line\n")
    open_and_load(page, signed_in)
    run_cell(page, 1)
    output = cells(page).nth(1).locator(".jp-AgentAuthRun")
    expect(output).to_contain_text("Done by the stand-in.", timeout=LOADING)
    expect(output).to_contain_text("1 file changed, +1")
    expect(output).to_contain_text("Agent credentials are shared across containers.")
    expect(output.get_by_text("+a line")).to_be_hidden()
    output.get_by_text("Diff", exact=True).click()
    expect(output.get_by_text("+a line")).to_be_visible()
    picture(page, "notebook-prompt")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    saved = notebook.read_text()
    assert "Done by the stand-in." in saved
    for secret in (signed_in.headers["Authorization"].split()[1], bench.agent.credential):
        assert secret not in saved


@of("codex")
def test_the_stop_button_ends_the_run_and_its_container(
    bench: Bench, signed_in: LabServer, page: Page, containers
):
    asked, goes_on = threading.Event(), threading.Event()

    def wait(request: object) -> None:
        asked.set()
        goes_on.wait(120)

    bench.provider.before_answer = wait
    try:
        open_and_load(page, signed_in)
        wait_for_kernel(page)
        cells(page).nth(1).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        output = cells(page).nth(1).locator(".jp-AgentAuthRun")
        expect(output).to_contain_text("running", timeout=LOADING)
        assert asked.wait(60)
        assert len(containers()) == 1
        page.get_by_role("button", name="Interrupt the kernel").first.click()
        expect(output).to_contain_text("interrupted", timeout=LOADING)
        expect(prompt(page, 1)).not_to_have_text("[*]:")
        expect(cells(page).nth(1)).to_contain_text("Interrupted.")
        assert containers() == []
    finally:
        goes_on.set()
