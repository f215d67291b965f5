"""Runs over REST: real CLIs in real containers, on one prompt, against the providers' stand-ins."""

from __future__ import annotations

from conformance_agents import of
from providers import Edit
from run_server import RunServer, of_type, said

CLIS = ("claude", "codex", "gemini", "opencode", "copilot")


@of(*CLIS)
def test_a_run_tells_what_the_agent_says_and_does_and_changed(run_server: RunServer):
    bench = run_server.bench
    bench.provider.edit = Edit(str(bench.b / "made.txt"), "a line\n")
    lines = run_server.run("Please make a file.")
    assert lines[0]["type"] == "started"
    assert lines[0]["worktree"] == str(bench.b)
    assert said(lines).strip() == "Done by the stand-in."
    tools = of_type(lines, "tool")
    assert tools[0]["output"] is None
    assert tools[-1]["output"] is not None
    assert {tool["id"] for tool in tools} == {tools[0]["id"]}
    assert "made.txt" in str(tools[0]["input"])
    [changes] = of_type(lines, "changes")
    assert changes["files"] == [
        {"path": "made.txt", "status": "untracked", "added": 1, "removed": 0}
    ]
    assert "+a line" in changes["diff"]
    done = lines[-1]
    assert (done["type"], done["exit_code"], done["problem"]) == ("done", 0, None)
    assert done["seconds"] > 0

    again = run_server.run("What did you make?", resume=done["conversation"])
    assert again[-1]["exit_code"] == 0, again[-1]
    asked = [str(request.body) for request in bench.provider.requests if request.model]
    assert "Please make a file." in asked[-1]
    assert "What did you make?" in asked[-1]
    if bench.agent.name != "copilot":
        assert of_type(lines, "usage")[-1]["output_tokens"] > 0


@of(*CLIS)
def test_an_agent_that_is_not_signed_in_ends_with_a_sentence(run_server: RunServer):
    lines = run_server.run("Please make a file.", share_auth=False)
    problem = lines[-1].get("problem")
    assert problem, lines[-1]
    assert run_server.bench.agent.unsigned in problem
    assert problem.count("\n") == 0
