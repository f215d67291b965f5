"""``%%agent`` with real CLIs in real containers, against the providers' stand-ins."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from conformance_agents import of
from notebook_cells import Cells, cells_of, eventually
from providers import Edit, Request
from providers.http import DONE
from run_server import RunServer

SHARED = "Agent credentials are shared across containers."


@pytest.fixture(scope="module")
def notebook(run_server: RunServer) -> Iterator[Cells]:
    """A notebook in worktree b of a server whose agent is signed in."""
    with cells_of(run_server.lab, run_server.bench.b) as cells:
        yield cells


@pytest.fixture
def cells(notebook: Cells) -> Cells:
    """The notebook as it is when it is opened."""
    notebook.begin_anew()
    return notebook


class Held:
    """The provider's model, which edits a file and then thinks until it is let go on."""

    def __init__(self, run_server: RunServer) -> None:
        self._goes_on = threading.Event()
        self._file = run_server.bench.b / "made.txt"
        provider = run_server.bench.provider
        provider.edit = Edit(str(self._file), "a line\n")
        provider.before_answer = self._before_answer

    def _before_answer(self, request: Request) -> None:
        if self._file.exists():
            self._goes_on.wait(100)

    def let_go(self) -> None:
        self._goes_on.set()


@pytest.fixture
def held(run_server: RunServer) -> Iterator[Held]:
    """The model stops to think after its edit."""
    held = Held(run_server)
    yield held
    held.let_go()


def agent(run_server: RunServer) -> str:
    return run_server.bench.agent.name


def running(run_server: RunServer) -> list[dict[str, object]]:
    listed = run_server.lab.sessions()
    return [session for session in listed if session["state"] != "exited"]


@of("claude", "codex")
def test_a_cell_shows_what_the_agent_does_while_it_does_it_and_what_came_of_it(
    run_server: RunServer, cells: Cells, held: Held
):
    cells.run("file = 'made.txt'; count = 1234.5")
    prompt = 'Write {file} with {count:.2f} lines, as {"a": 1} says, {{not}} {this}.'
    with cells.running(f"%%agent {agent(run_server)} --share --into made\n{prompt}") as cell:
        cells.wait(lambda: "made.txt" in cell().html)
        assert "running" in cell().text
        assert DONE not in cell().text
        held.let_go()
    shown = cell()
    [bundle] = shown.bundles
    for form in (bundle["text/plain"], bundle["text/html"]):
        for part in (DONE, "made.txt", "1 file changed, +1", "done", SHARED):
            assert part in form
    assert "<details" in bundle["text/html"]
    assert "+a line" in bundle["text/html"]
    assert "{this}" in shown.stderr
    assert (shown.error, shown.stdout) == ([], "")
    asked = [str(r.body) for r in run_server.bench.provider.requests if r.model]
    assert "Write made.txt with 1234.50 lines, as {" in asked[-1]
    assert "says, {not} {this}." in asked[-1]
    # The stand-in's words are all there is; nothing is the cell's value.
    told = cells.run("print(made.state, made is _agent, made.changes[0].path, made.text.strip())")
    assert told.stdout == f"done True made.txt {DONE}\n"
    assert run_server.bench.agent.credential not in cells.all()
    assert running(run_server) == []


@of("claude", "codex")
def test_the_stop_button_ends_the_run_and_its_container_and_what_it_showed_stays(
    run_server: RunServer, cells: Cells, held: Held, containers
):
    with cells.running(f"%%agent {agent(run_server)} --share --into made\nWrite.") as cell:
        cells.wait(lambda: "made.txt" in cell().html)
        eventually((run_server.bench.b / "made.txt").exists)
        assert len(containers()) == 1
        cells.interrupt()
    shown = cell()
    assert containers() == []
    assert shown.error == ["Interrupted."]
    assert "made.txt" in shown.html
    assert "interrupted" in shown.text
    assert "running" not in shown.text
    assert cells.run("print(made.state)").stdout == "cancelled\n"


@of("codex")
def test_the_stop_button_while_the_container_comes_up_leaves_none(
    run_server: RunServer, cells: Cells, held: Held, containers
):
    with cells.running("%%agent codex --share\nWrite.") as cell:
        eventually(containers)
        cells.interrupt()
    assert cell().error == ["Interrupted."]
    assert containers() == []


@of("codex")
def test_a_run_in_the_background_leaves_the_kernel_free_and_goes_on_showing(
    run_server: RunServer, cells: Cells, held: Held
):
    with cells.running("%%agent codex --share --background --into made\nWrite.") as cell:
        pass
    assert cells.run("print(made.state)").stdout == "running\n"
    cells.wait(lambda: "made.txt" in cell().html)
    with cells.running("import time; time.sleep(1); print('meanwhile')") as other:
        held.let_go()
        cells.wait(lambda: DONE in cell().text and "done" in cell().text)
    assert other().stdout == "meanwhile\n"
    assert other().bundles == []
    assert "1 file changed" in cell().text
    assert cells.run("print(made.state, made.ok)").stdout == "done True\n"


@of("claude", "codex")
def test_a_cell_goes_on_with_the_conversation_of_the_one_before_and_a_terminal_too(
    run_server: RunServer, cells: Cells
):
    name = agent(run_server)
    assert cells.run(f"%%agent {name} --share\nRemember 4711.").error == []
    shown = cells.run(f"%%agent {name} --share --resume\nWhat did I say?")
    assert DONE in shown.text
    asked = [str(r.body) for r in run_server.bench.provider.requests if r.model]
    assert "Remember 4711." in asked[-1]
    assert "What did I say?" in asked[-1]
    opened = cells.run(f"%agent {name} --share --resume")
    assert opened.stderr == ""
    [session] = running(run_server)
    assert session["terminal"]
    assert opened.comms == [("jupyter-agentauth", {"show": session["id"]})]
    other = cells.run(f"%%agent {name} --share --resume --worktree a\nWhat?")
    assert "There is nothing to resume" in other.stderr


@of("codex")
def test_a_run_that_fails_says_why_in_one_sentence_and_keeps_what_it_said(
    run_server: RunServer, cells: Cells
):
    cells.run("%xmode Verbose")
    shown = cells.run("%%agent codex --no-share --into made\nWrite.")
    assert "failed" in shown.text
    assert run_server.bench.agent.unsigned in shown.text
    assert "Traceback" not in cells.all()
    assert cells.run("print(made.ok, made.exit_code != 0)").stdout == "False True\n"
    # IPython shows the sentence alone.
    raised = cells.run("made.raise_for_status()")
    assert len(raised.error) == 1
    assert run_server.bench.agent.unsigned in raised.error[0]


@of("codex")
def test_a_run_whose_kernel_was_restarted_is_listed_and_can_be_stopped(
    run_server: RunServer, cells: Cells, held: Held, containers
):
    cells.run("%%agent codex --share --background\nWrite.")
    [run] = running(run_server)
    cells.restart()
    cells.run("%load_ext jupyter_agentauth")
    assert [session["id"] for session in running(run_server)] == [run["id"]]
    assert run["id"] in cells.run("%agents").text
    run_server.lab.request("DELETE", f"agentauth/api/sessions/{run['id']}")
    assert containers() == []


@of("codex")
def test_output_is_not_updated_more_often_than_a_page_can_draw_it_and_the_last_is_shown(
    cells: Cells,
):
    before = cells.all().count("update_display_data")
    shown = cells.run(
        "import time\n"
        "from jupyter_agentauth.kernel.run import Run\n"
        "from jupyter_agentauth.kernel.run_display import RunDisplay\n"
        "run = Run('codex', 'x', '/w')\n"
        "run.add({'type': 'started', 'id': '1', 'container': 'c', 'worktree': '/w'})\n"
        "shown = RunDisplay(run)\n"
        "began = time.monotonic()\n"
        "while time.monotonic() - began < 2:\n"
        "    run.add({'type': 'text', 'text': 'word '})\n"
        "    shown.update(run)\n"
        "    time.sleep(0.001)\n"
        "run.add({'type': 'text', 'text': 'the last'})\n"
        "run.add({'type': 'done', 'exit_code': 0, 'seconds': 2})\n"
        "shown.update(run)\n"
    )
    assert "the last" in shown.text
    assert 3 <= (cells.all().count("update_display_data") - before) / 2 <= 12


@of("codex")
def test_a_plain_console_prints_what_the_agent_says_and_how_a_terminal_is_reached(
    run_server: RunServer,
):
    bench, lab = run_server.bench, run_server.lab
    bench.provider.edit = Edit(str(bench.b / "made.txt"), "a line\n")
    token = lab.headers["Authorization"].removeprefix("token ")
    script = (
        "from IPython.terminal.interactiveshell import TerminalInteractiveShell as Shell\n"
        "shell = Shell.instance()\n"
        "shell.run_cell('%load_ext jupyter_agentauth')\n"
        "shell.run_cell('%%agent codex --share --into made\\nWrite.')\n"
        "shell.run_cell('%agent codex --share --resume')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=bench.b,
        env={**os.environ, "AGENTAUTH_SERVER_URL": lab.address, "AGENTAUTH_SERVER_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    [session] = running(run_server)
    for part in (
        DONE, "made.txt", "1 file changed, +1", "the diff is in `made.diff`", SHARED,
        f"Codex runs in {bench.b}", f"{lab.address}terminals/{session['terminal']}",
    ):  # fmt: skip
        assert part in done.stdout
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert token not in done.stdout
