"""A prompt in a cell, in the real page: what one sees, what can be stopped, what is saved."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import conformance_bench
import pytest
from command_line import CommandLine
from conformance_agents import of
from conformance_bench import Bench
from lab_notebook import cells, prompt, run_cell, wait_for_kernel, write_notebook
from lab_page import picture
from lab_server import LabServer
from playwright.sync_api import Page, expect
from providers import Edit

PROMPT = "%%agent codex --share --worktree b --into made\nWrite {file}, please."


@pytest.fixture
def agentauth(home: Path) -> CommandLine:
    return CommandLine()


@pytest.fixture
def configuration(home: Path) -> Iterator[None]:
    """What the bench configures is gone afterwards."""
    yield
    (Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.py").unlink()


@pytest.fixture
def signed_in(bench: Bench, start_lab) -> LabServer:
    """A JupyterLab whose user is signed in to Codex."""
    bench.be_signed_in()
    return start_lab()


bench = pytest.fixture(conformance_bench.make_bench)


@of("codex")
@pytest.mark.usefixtures("configuration")
def test_what_the_agent_does_is_shown_and_saved_without_a_secret_and_the_stop_button_ends_a_run(
    bench: Bench, signed_in: LabServer, page: Page, containers
):
    bench.provider.edit = Edit(str(bench.b / "made.txt"), "a line\n")
    notebook = bench.a / "cell.ipynb"
    write_notebook(notebook, "%load_ext jupyter_agentauth\nfile = 'made.txt'", PROMPT, PROMPT)
    page.goto(f"{signed_in.address}lab/tree/a/cell.ipynb?{signed_in.url.partition('?')[2]}")
    cells(page).first.wait_for()
    run_cell(page)
    run_cell(page, 1)
    output = cells(page).nth(1).locator(".jp-AgentAuthRun")
    expect(output).to_contain_text("Done by the stand-in.")
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
    the_stop_button_ends_the_run_and_its_container(bench, page, containers)


def the_stop_button_ends_the_run_and_its_container(bench: Bench, page: Page, containers) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def wait(request: object) -> None:
        asked.set()
        goes_on.wait(120)

    bench.provider.before_answer = wait
    try:
        wait_for_kernel(page)
        cells(page).nth(2).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        output = cells(page).nth(2).locator(".jp-AgentAuthRun")
        expect(output).to_contain_text("running")
        assert asked.wait(60)
        assert len(containers()) == 1
        page.get_by_role("button", name="Interrupt the kernel").first.click()
        expect(output).to_contain_text("interrupted")
        expect(prompt(page, 2)).not_to_have_text("[*]:")
        expect(cells(page).nth(2)).to_contain_text("Interrupted.")
        assert containers() == []
    finally:
        goes_on.set()
