"""Agents as Python objects in a notebook: a real kernel, whose own event loop runs all the time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conformance_agents import of
from notebook_cells import Cells, cells_of
from run_server import RunServer

pytestmark = of("claude")

IMPORT = "from jupyter_agentauth import agents"


@pytest.fixture(scope="module")
def cells(run_server: RunServer) -> Iterator[Cells]:
    """A notebook in the repository's main worktree."""
    run_server.client.change_settings(share_auth=True)
    with cells_of(run_server.lab, run_server.lab.root / "main") as notebook:
        notebook.run(IMPORT)
        yield notebook


def test_the_progress_is_one_output_and_the_results_are_a_table(cells: Cells):
    shown = cells.run(
        "results = agents.gather(['claude', 'claude'], prompt='Say it.', check='true')\nresults"
    )
    assert shown.error == []
    progress, table = shown.bundles
    assert progress["text/plain"].startswith("2 done after ")
    assert table["text/html"].count("<tr>") == 3
    assert table["text/plain"].count("passed") == 2
    assert "claude: " not in shown.stderr  # Not as lines, too.


def test_a_run_shows_itself_as_what_the_agent_said(cells: Cells):
    shown = cells.run("agents.run('claude', 'Say it.')")
    assert "Done by the stand-in." in shown.html
    assert "Done by the stand-in." in shown.text


def test_a_cell_that_awaits_leaves_the_kernel_free(cells: Cells):
    shown = cells.run(
        "import asyncio\n"
        "turns = 0\n"
        "async def count():\n"
        "    global turns\n"
        "    while True:\n"
        "        turns += 1\n"
        "        await asyncio.sleep(0.01)\n"
        "counting = asyncio.ensure_future(count())\n"
        "results = await agents.gather_async(['claude'], prompt='Say it.')\n"
        "counting.cancel()\n"
        "print(results[0].state, turns > 20)"
    )
    assert shown.stdout == "done True\n"


@pytest.mark.parametrize(
    "call",
    [
        "agents.gather(['claude', 'claude'], prompt='Say it.')",
        "await agents.gather_async(['claude', 'claude'], prompt='Say it.')",
    ],
    ids=["gather", "gather_async"],
)
def test_the_stop_button_leaves_no_container_and_keeps_what_came(cells, waits, containers, call):
    with cells.running(call) as outputs:
        assert waits.wait(120)
        cells.interrupt()
    shown = outputs()
    assert containers() == []
    if "await" not in call:
        [sentence] = shown.error
        assert sentence.startswith("Interrupted. What was told until then is in")
    kept = cells.run("import sys; print([run.state for run in sys.last_value.results])")
    assert kept.stdout == "['cancelled', 'cancelled']\n"


def test_a_mistake_is_one_sentence_and_no_traceback(cells: Cells):
    [sentence] = cells.run("agents.run('claude', 'Say it.', worktree='nowhere')").error
    assert sentence.startswith("There is no worktree 'nowhere'")
