"""The notebooks that we hand out, cell by cell, with real agents in real containers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import git
from conformance_agents import of
from notebook_cells import Outputs, cells_of
from providers import Edit, Request
from run_server import RunServer

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))

MENDED = """\
def total(prices, discount):
    return sum(prices) * (100 - discount) / 100
"""


def sources(name: str) -> list[str]:
    """The code of a notebook's cells."""
    cells = json.loads((NOTEBOOKS / name).read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def play(server: RunServer, name: str) -> list[Outputs]:
    """Run a notebook that lies in a directory of its own below the server's root."""
    directory = server.lab.root / "notebooks"
    directory.mkdir()
    shown = []
    with cells_of(server.lab, directory) as cells:
        for source in sources(name):
            shown.append(cells.run(source, seconds=240))
            assert shown[-1].error == [], (source, shown[-1])
            assert shown[-1].stderr == "", (source, shown[-1])
    return shown


def edits(run_server: RunServer, project: str, file: str, text: str) -> None:
    """Have the model write a file of a project, in whichever worktree its agent works."""
    root = run_server.lab.root / "notebooks"
    beside = root / f"{project}.worktrees"

    def edit(request: Request) -> Edit | None:
        found = re.findall(re.escape(f"{beside}/") + r"[\w.-]+", str(request.body))
        return Edit(f"{max(found, key=len)}/{file}", text) if found else None

    run_server.bench.provider.edit = edit


@of("codex")
def test_the_tour_leads_from_the_first_table_to_a_merged_change(
    run_server: RunServer, containers: object
):
    edits(run_server, "agents-tour", "USAGE.md", "one\ntwo\nthree\n")
    shown = play(run_server, "tour.ipynb")
    assert "Codex" in shown[1].html
    assert "jupyter.widget-view" in " ".join(shown[2].bundles[0])
    project = run_server.lab.root / "notebooks" / "agents-tour"
    assert (project / "USAGE.md").read_text() == "one\ntwo\nthree\n"
    assert "Merge branch 'usage' into main" in git(project, "log", "--oneline")
    [session] = run_server.lab.sessions()
    assert (session["agent"], session["state"]) == ("codex", "running")


@of("claude")
def test_three_agents_mend_one_bug_and_one_of_them_is_kept(
    three_agents: RunServer, containers: object
):
    edits(three_agents, "agents-bug", "prices.py", MENDED)
    shown = play(three_agents, "three_agents_one_bug.ipynb")
    [table] = [cell.html for cell in shown if "<table" in cell.html]
    assert table.count("passed") == 3
    assert "OK" in shown[-1].stdout
    project = three_agents.lab.root / "notebooks" / "agents-bug"
    assert (project / "prices.py").read_text() == MENDED
    assert len(git(project, "branch").splitlines()) == 2
    kept = git(project, "for-each-ref", "--format=%(refname)", "refs/agentauth/discarded")
    assert len(kept.splitlines()) == 2


@of("claude")
def test_the_administrators_page_shows_what_this_machine_does(
    run_server: RunServer, containers: object
):
    shown = play(run_server, "administration.ipynb")
    assert "docker run" in "".join(cell.stdout for cell in shown)
    assert "allow_share_auth" in shown[-2].text


@pytest.mark.parametrize("name", ALL)
def test_a_notebook_is_kept_without_outputs_and_leads_to_files_that_are_there(name: str):
    book = json.loads((NOTEBOOKS / name).read_text())
    for cell in book["cells"]:
        assert not cell.get("outputs")
        if cell["cell_type"] == "markdown":
            for target in re.findall(r"\]\(([^)#]+)\)", "".join(cell["source"])):
                assert (NOTEBOOKS / target).exists(), target
