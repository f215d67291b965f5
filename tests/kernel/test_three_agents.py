"""Which of three agents is best at this? One is applied, the others are discarded, none is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from command_line import git
from conformance_agents import of
from mending import BUG, CHECK, MENDED, PROMPT
from run_server import RunServer
from three_agents import NAMES

from jupyter_agentauth import agents


@pytest.fixture
def run_server(three_agents: RunServer) -> RunServer:
    """A server whose user is signed in to three agents."""
    return three_agents


@of("claude")
def test_one_is_applied_and_the_others_can_be_had_back(project, mends, containers):
    results = agents.gather(NAMES, prompt=PROMPT, check=CHECK)
    assert [run.problem for run in results] == [None] * 3
    assert [row["check"] for row in results.table] == [True] * 3
    assert [row["added"] for row in results.table] == [1] * 3
    assert all(row["seconds"] > 0 for row in results.table)
    assert containers() == []
    assert (project / "prices.py").read_text() == BUG

    (project / "readme.txt").write_text("mine\n")
    with pytest.raises(agents.AgentError) as refused:
        results[1].apply()
    assert refused.value.reason == "target_dirty"
    assert (project / "readme.txt").read_text() == "mine\n"
    git(project, "checkout", "--quiet", "readme.txt")

    applied = results[1].apply(message="The bug is mended")
    assert (applied.branch, applied.into) == (results[1].branch, "main")
    assert applied.files == ("prices.py",)
    assert (project / "prices.py").read_text() == MENDED
    assert results[1].apply() == applied  # Nothing new.

    dropped = results.discard_all(except_=results[1])
    assert [one.branch for one in dropped] == [results[0].branch, results[2].branch]
    assert results.discard_all(except_=results[1]) == dropped
    assert not Path(results[0].worktree).exists()
    with pytest.raises(agents.AgentError, match="brings it back"):
        results[0].apply()

    subprocess.run(dropped[0].restore, shell=True, check=True, cwd="/")
    assert (Path(results[0].worktree) / "prices.py").read_text() == MENDED

    saved = json.loads(json.dumps(results.to_json()))
    again = agents.Results.from_json(saved)
    assert repr(again) == repr(results)
    assert again[2].discard() == dropped[1]  # It finds its server by itself.
