"""Runs over REST: real CLIs in real containers, on one prompt, against the providers' stand-ins."""

from __future__ import annotations

import json
import threading

from conformance_agents import SLOW, of
from processes import command_lines
from providers import Edit
from run_server import RunServer, of_type, said

from jupyter_agentauth.engine import Engine

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


@of(*CLIS, soak=SLOW)
def test_an_agent_that_is_not_signed_in_ends_with_a_sentence(run_server: RunServer):
    lines = run_server.run("Please make a file.", share_auth=False)
    problem = lines[-1].get("problem")
    assert problem, lines[-1]
    assert run_server.bench.agent.unsigned in problem
    assert problem.count("\n") == 0


#: Of a prompt of 200 kB, which no command line holds.
BEGINNING, END = "Please make a file, and tell nobody but mallow.", "That was all, said the heron."
LONG_PROMPT = f"{BEGINNING}\n{'And more of it. ' * 12_500}\n{END}"


@of(*CLIS, soak=SLOW)
def test_a_long_prompt_arrives_whole_and_stands_nowhere_and_the_work_is_told_as_it_is_done(
    run_server: RunServer, engine: Engine, containers
):
    bench, goes_on = run_server.bench, threading.Event()
    made = bench.b / "made.txt"
    bench.provider.edit = Edit(str(made), "a line\n")
    # The model is silent from when its tool has ended until the test has seen that.
    bench.provider.before_answer = lambda request: made.exists() and goes_on.wait(120)
    lines = run_server.start(LONG_PROMPT)
    read = [next(lines)]
    while not (read[-1]["type"] == "tool" and read[-1]["output"] is not None):
        read.append(next(lines))

    [container] = containers()
    inspected = json.dumps(engine.client.api.inspect_container(container.id))
    listed = json.dumps(run_server.client.sessions())
    for told_elsewhere in (inspected, listed, command_lines(), run_server.log.read_text()):
        for secret in ("mallow", "heron", bench.agent.credential):
            assert secret not in told_elsewhere
    goes_on.set()

    rest = list(lines)
    assert said(rest).strip() == "Done by the stand-in."
    assert rest[-1]["exit_code"] == 0, rest[-1]
    asked = [str(request.body) for request in bench.provider.requests if request.model]
    assert any(BEGINNING in body and END in body for body in asked)
    assert "heron" not in run_server.log.read_text()


@of(*CLIS, soak=SLOW)
async def test_a_runs_conversation_goes_on_in_a_terminal(run_server: RunServer, containers):
    bench = run_server.bench
    bench.provider.edit = None
    lines = run_server.run("What does the heron eat?")
    opened = run_server.client.open_session(
        bench.agent.name, worktree=str(bench.b), share_auth=True, resume=lines[-1]["conversation"]
    )
    terminal = await run_server.lab.terminal(opened["terminal"])
    await terminal.until("What does the heron eat?")
    run_server.client.stop_session(opened["id"])
    assert containers() == []


@of("made-up")
def test_an_agent_of_ones_own_is_run_by_its_headless_arguments(run_server: RunServer):
    bench = run_server.bench
    bench.provider.edit = Edit(str(bench.b / "made.txt"), "a line\n")
    lines = run_server.run("Please make a file.")
    assert said(lines) == "Done by the stand-in.\n"
    assert of_type(lines, "changes")[0]["files"][0]["path"] == "made.txt"
    done = lines[-1]
    assert (done["exit_code"], done["problem"], done["conversation"]) == (0, None, None)
    unsigned = run_server.run("Please make a file.", share_auth=False)[-1]
    assert bench.agent.unsigned in unsigned["problem"]
