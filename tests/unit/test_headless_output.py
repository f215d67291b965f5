"""What the five CLIs print without a terminal, as recorded, and what a run tells of it.

``headless/AGENT-VERSION.jsonl`` is what the CLI of that version printed for "Please make a file."
against the providers' stand-in, and ``AGENT-VERSION-unsigned.jsonl`` without a sign-in; both with
the worktree's path put as ``/src/b``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_agentauth.errors import BadRequest, Conflict
from jupyter_agentauth.headless.arguments import headless_arguments, resume_arguments
from jupyter_agentauth.headless.output import Output
from jupyter_agentauth.known_agents import BUILT_IN, Agent

RECORDED = Path(__file__).parent / "headless"

#: Of each: the tool, what it said it did, and input, output and cached tokens and cost.
CLIS = {
    "claude": ("Write", "File created successfully", (2, 2, 0, 0.000048)),
    "codex": ("command_execution", "", (2, 2, 0, None)),
    "gemini": ("write_file", "", (3, 3, 0, None)),
    "opencode": ("write", "Wrote file successfully.", (2, 2, 0, 0.000036)),
    "copilot": ("create", "Created file", None),
}

#: What those say on stdout that are not signed in; the other two print on stderr alone.
UNSIGNED = {
    "claude": "Not logged in",
    "codex": "401 Unauthorized",
    "opencode": "does not know that credential",
}


def recorded(agent: str, what: str = "") -> list[str]:
    [file] = [
        f for f in RECORDED.glob(f"{agent}-*.jsonl") if f.stem.endswith("-unsigned") == bool(what)
    ]
    return file.read_text().splitlines(keepends=True)


def told(output: Output, printed: list[str]) -> list[dict]:
    return [line for one in printed for line in output.read(one)]


def of_type(lines: list[dict], kind: str) -> list[dict]:
    return [line for line in lines if line["type"] == kind]


@pytest.mark.parametrize("agent", CLIS)
def test_text_tool_usage_and_conversation_are_understood(agent):
    tool, came, used = CLIS[agent]
    output = Output(BUILT_IN[agent].events)
    lines = told(output, recorded(agent))
    assert "".join(line["text"] for line in of_type(lines, "text")) == "Done by the stand-in."
    begun, ended = of_type(lines, "tool")
    assert begun["id"] == ended["id"]
    assert (begun["name"], ended["name"]) == (tool, tool)
    assert "/src/b/made.txt" in json.dumps(begun["input"])
    assert begun["output"] is None
    assert came in ended["output"]
    if used is None:
        assert of_type(lines, "usage") == []
    else:
        usage = of_type(lines, "usage")[-1]
        numbers = [usage[n] for n in ("input_tokens", "output_tokens", "cached_tokens")]
        assert numbers == list(used[:3])
        assert usage["cost"] == (None if used[3] is None else pytest.approx(used[3]))
    assert output.conversation
    assert output.problem is None


@pytest.mark.parametrize("agent", CLIS)
def test_a_tool_that_ended_is_told_with_what_it_was_given(agent):
    begun, ended = of_type(told(Output(BUILT_IN[agent].events), recorded(agent)), "tool")
    assert ended["input"] == begun["input"]


@pytest.mark.parametrize(
    ("agent", "what"),
    [*((agent, "") for agent in CLIS), *((agent, "unsigned") for agent in UNSIGNED)],
)
def test_every_event_of_the_cli_is_told_once_as_it_was(agent, what):
    printed = recorded(agent, what)
    lines = told(Output(BUILT_IN[agent].events), printed)
    events = [json.loads(line) for line in printed if line.startswith("{")]
    assert [line["raw"] for line in lines if "raw" in line] == events


@pytest.mark.parametrize("agent", UNSIGNED)
def test_what_the_cli_says_went_wrong_is_known(agent):
    output = Output(BUILT_IN[agent].events)
    told(output, recorded(agent, "unsigned"))
    assert UNSIGNED[agent] in output.problem


@pytest.mark.parametrize("agent", CLIS)
def test_what_is_no_event_is_told_as_it_is(agent):
    output = Output(BUILT_IN[agent].events)
    strange = [
        "a line\n", "{half\n", '{"no": "type"}\n', "[]\n", "\n", "{" * 5000 + "\n",
        '{"type": 3}\n', '{"type": "never seen", "part": 1, "data": [], "message": null}\n',
        '{"type": "assistant", "message": {"content": [1, null, {"type": "text"}]}}\n',
        '{"type": "item.completed", "item": "x"}\n', '{"type": "tool_use"}\n',
        '{"type": "result", "stats": 3, "usage": "x"}\n',
        '{"type": "assistant", "message": {"content": 3}}\n',
        '{"type": "step_finish", "part": {"tokens": {"input": "many"}}}\n',
    ]  # fmt: skip
    lines = told(output, strange)
    assert len(lines) >= len(strange)
    assert "".join(line["text"] for line in of_type(lines, "text")).startswith("a line\n{half\n")


def test_an_agent_of_ones_own_prints_text():
    output = Output("")
    printed = ["a\n", '{"type": "text"}\n', "b"]
    assert told(output, printed) == [{"type": "text", "text": text} for text in printed]


def piece(text: str) -> str:
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}
    return json.dumps({"type": "stream_event", "event": delta})


def test_messages_are_parted_by_an_empty_line_and_pieces_of_one_are_not():
    start = json.dumps({"type": "stream_event", "event": {"type": "content_block_start"}})
    output = Output("claude")
    lines = told(output, [start, piece("One "), piece("piece.\n"), start, piece("Two.")])
    texts = [line["text"] for line in of_type(lines, "text")]
    assert texts == ["One ", "piece.\n", "\nTwo."]


SECRET = "Do not tell anybody."


@pytest.mark.parametrize("agent", BUILT_IN)
def test_a_prompt_of_the_five_is_on_no_command_line(agent):
    known = BUILT_IN[agent]
    arguments, stdin = headless_arguments(known, SECRET)
    assert stdin == SECRET
    assert SECRET not in " ".join(arguments)
    arguments, stdin = headless_arguments(known, SECRET, "ses_1")
    assert stdin == SECRET
    assert "ses_1" in " ".join(arguments)
    assert SECRET not in " ".join(arguments)
    assert "ses_1" in " ".join(resume_arguments(known, "ses_1"))


MINE = Agent(name="mine", command=("mine",), title="Mine", headless=("ask", "{prompt}"))


def test_an_agent_of_ones_own_is_given_the_prompt_as_its_entry_says():
    assert headless_arguments(MINE, "a {prompt}") == (("ask", "a {prompt}"), "")


@pytest.mark.parametrize(
    ("agent", "prompt", "conversation", "reason"),
    [
        (MINE, " \n", None, "bad_prompt"),
        (MINE, "x" * 200_000, None, "bad_args"),
        (Agent(name="mine", command=("mine",)), "x", None, "no_headless"),
        (None, "", "ses_1", "nothing_to_resume"),
        (MINE, "x", "ses_1", "nothing_to_resume"),
    ],
)
def test_what_cannot_be_run_is_refused_with_one_sentence(agent, prompt, conversation, reason):
    with pytest.raises((BadRequest, Conflict)) as refused:
        headless_arguments(agent, prompt, conversation)
    assert refused.value.reason == reason
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 300
