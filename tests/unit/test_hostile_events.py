"""Whatever an agent prints, its run stays readable: valid JSON, within bounds, off the loop."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_agentauth.agent_run import AgentRun
from jupyter_agentauth.headless.output import Output
from jupyter_agentauth.kernel.results import Results
from jupyter_agentauth.kernel.run import Run
from jupyter_agentauth.kernel.run_html import run_html
from jupyter_agentauth.kernel.run_text import run_text
from jupyter_agentauth.launch_failure import why_not_started
from jupyter_agentauth.line_stream import LineStream
from jupyter_agentauth.live_session import last_lines
from jupyter_agentauth.replay import Replay
from jupyter_agentauth.text import bounded_json

#: Events of each CLI that tell what was used, with a place for a number.
USED = {
    "claude": '{"type": "result", "usage": {"input_tokens": #, "output_tokens": #}, '
    '"total_cost_usd": #}',
    "codex": '{"type": "turn.completed", "usage": {"input_tokens": #, "output_tokens": #}}',
    "gemini": '{"type": "result", "status": "success", "stats": {"input_tokens": #, '
    '"output_tokens": #}}',
    "opencode": '{"type": "step_finish", "part": {"cost": #, "tokens": {"input": #, "output": #}}}',
    "copilot": '{"type": "tool.execution_start", "data": {"toolName": "x", "arguments": #}}',
}

NUMBERS = [
    "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "1" + "0" * 400, "9" * 4300, "9" * 5000,
    "1e308", "true", '"12"', '"nan"', "[]", "{}", "null", "-0.0", "9007199254740993",
]  # fmt: skip


def strict(text: str) -> Any:
    """Parse JSON as those do who take no more than JSON, and hold no half a character."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    value = json.loads(text, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    return value


def read(form: str, *printed: str) -> list[dict[str, Any]]:
    output = Output(form)
    return [strict(json.dumps(line)) for text in printed for line in output.read(text + "\n")]


@pytest.mark.parametrize("form", USED)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
def test_a_run_with_odd_numbers_is_valid_json_and_is_shown(form, number):
    event = USED[form].replace("#", number)
    run = Run("codex", "x", "/src/x")
    run.add({"type": "started", "id": "1", "container": "2"})
    for line in read(form, event, event, event):
        run.add(line)
    run.add({"type": "done", "exit_code": 0, "seconds": 1.0})
    shown = run_html(run) + run_text(run) + repr(Results([run])) + Results([run])._repr_html_()
    assert "done" in shown
    strict(json.dumps(Results([run]).to_json()))


def test_such_numbers_do_break_a_plain_parser():
    cost = json.loads("1" + "0" * 400)
    with pytest.raises(OverflowError):
        f"{cost:.4f}"
    with pytest.raises(AssertionError):
        strict(json.dumps(json.loads("1e999")))
    with pytest.raises(ValueError, match="digits"):
        json.dumps(json.loads("9" * 4300) * 9)


def test_a_cost_that_is_told_is_shown_whatever_is_told_beside_it():
    (line,) = read("claude", USED["claude"].replace("#", "0.5", 3))
    assert (line["cost"], line["input_tokens"]) == (0.5, 0.5)
    odd = USED["claude"].replace("#", "7", 2).replace("#", "1e999")
    (line,) = read("claude", odd)
    assert (line["cost"], line["input_tokens"]) == (None, 7)


@pytest.mark.parametrize("form", USED)
@pytest.mark.parametrize(
    "inside",
    [
        "[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000, '["\\ud800", "\\udc80\\ud83d"]',
        "[" + "1," * 200_000 + "1]", json.dumps({"k" * 100_000: "v"}), '"\\u0000\\u001b[2J"',
    ],
    ids=["list", "object", "surrogates", "values", "key", "controls"],
)  # fmt: skip
def test_odd_values_are_told_and_the_run_goes_on(form, inside):
    types = {"claude": "assistant", "codex": "item.started", "gemini": "tool_use"}
    event = {"type": types.get(form, "tool_use"), "data": "X", "item": {"type": "y", "query": "X"}}
    event |= {"parameters": "X", "part": {"state": {"input": "X"}}}
    event |= {"message": {"content": [{"type": "tool_use", "input": "X", "id": "1", "name": "n"}]}}
    told = read(form, json.dumps(event).replace('"X"', inside), USED[form].replace("#", "1"))
    assert told[-1]["type"] in ("usage", "tool")
    assert all(line["type"] in ("text", "tool", "usage", "event") for line in told)


@pytest.mark.parametrize(
    "said", ["--dangerously-skip-permissions", "a b", "x" * 300, "../../x", 7, {"a": 1}, "é", ""]
)
def test_what_is_no_id_is_no_conversation_that_the_next_run_is_given(said):
    output = Output("claude")
    output.read(json.dumps({"type": "system", "session_id": said}))
    assert output.conversation is None
    output.read(json.dumps({"type": "system", "session_id": "0b9c-41:x.y"}))
    assert output.conversation == "0b9c-41:x.y"


def test_what_a_parser_remembers_of_tools_is_bounded():
    output = Output("claude")
    for number in range(210):
        block = {"type": "tool_use", "id": f"{number}" * 1000, "name": "n", "input": "x" * 110_000}
        output.read(json.dumps({"type": "assistant", "message": {"content": [block]}}))
    begun = output._events._tools._begun
    assert len(begun) <= 200
    assert sum(len(key) + len(json.dumps(kept)) for key, kept in begun.items()) < 1_000_000


async def run_of(program: str, form: str = "claude") -> AgentRun:
    run = AgentRun(SimpleNamespace(), form, lambda: None)
    await run.start([sys.executable, "-c", program], "")
    await run.follow()
    run.lines.finish()
    return run


async def all_of(lines: LineStream) -> list[dict[str, Any]]:
    reader, told = lines.join(), []
    while (text := await reader.get()) is not None:
        told.append(strict(text))
    return told


def test_a_long_event_is_parsed_off_the_event_loop_and_in_its_place(monkeypatch):
    parsed: list[tuple[int, bool]] = []
    real = Output.read

    def noting(self: Output, printed: str) -> list[dict[str, Any]]:
        parsed.append((len(printed), threading.current_thread() is threading.main_thread()))
        return real(self, printed)

    monkeypatch.setattr(Output, "read", noting)
    program = """
import json
for text in ("first", "x" * 1_000_000, "last"):
    delta = {"type": "text_delta", "text": text}
    print(json.dumps({"type": "stream_event", "event": {"delta": delta}}))
"""

    async def told() -> list[dict[str, Any]]:
        return await all_of((await run_of(program)).lines)

    texts = [line["text"] for line in asyncio.run(told())]
    assert [len(text) for text in texts] == [5, 1_000_000, 4]
    assert [on_loop for size, on_loop in parsed if size > 2] == [True, False, True]


def test_lines_of_a_run_are_json_for_every_reader():
    program = r"""
print('{"type": "x", "a": 1e999, "b": NaN, "c": ' + "9" * 4300 + '}')
print('{"type": "y", "a": "\\ud800"}')
import sys; sys.stdout.flush(); sys.stdout.buffer.write(b'{"type": "z", "a": "\xff\xfe"}')
"""

    async def told() -> list[dict[str, Any]]:
        return await all_of((await run_of(program)).lines)

    raw = [line["raw"] for line in asyncio.run(told())]
    assert raw[0] == {"type": "x", "a": None, "b": None, "c": None}
    assert [event["type"] for event in raw] == ["x", "y", "z"]


def test_a_reader_that_does_not_read_is_sent_away_before_it_holds_too_much(monkeypatch):
    monkeypatch.setattr("jupyter_agentauth.line_stream._MOST_UNREAD", 100_000)

    async def held() -> tuple[int, list[str | None]]:
        lines = LineStream()
        idle, reading = lines.join(), lines.join()
        got = []
        for _ in range(100):
            lines.tell({"type": "text", "text": "x" * 10_000})
            got.append(await reading.get())
        return idle.unread, got

    unread, got = asyncio.run(held())
    assert unread < 150_000
    assert None not in got


WIDE = "\x1b[999C" * 10_000 + "x"


@pytest.mark.parametrize(
    "screen",
    [
        WIDE,
        WIDE.replace("C", "G"),
        "x" * 300_000,
        "a\x1b[999Cb\r" * 5_000,
        ("y" * 3000 + "\n") * 20,
    ],
    ids=["columns", "places", "one line", "again", "lines"],
)
def test_the_last_lines_of_a_screen_are_bounded(screen):
    replay = Replay()
    replay.append(screen)
    assert sum(map(len, replay.last_lines(20))) < 100_000
    told = last_lines(replay)
    assert 0 < sum(map(len, told)) <= 20_000
    assert all(len(line) <= 1000 for line in told)


@pytest.mark.parametrize(
    "piece", ["\x1b", "\x1b[", "\x1b]", "\x1b[K", "\x1b[\u0663C", "\x9b3C", "\x1b[99999C"]
)
def test_no_screen_keeps_a_session_from_ending(piece):
    replay = Replay()
    replay.append("before\n" + piece * 5000 + "after\x1b")
    assert "before" in last_lines(replay)[0]


def test_why_it_was_not_started_is_one_short_sentence_whatever_an_agent_printed():
    said = "docker: Error \x1b[2J\x1b]0;title\x07\u202e" + "x" * 100_000
    message = why_not_started(said, "agents:1").message
    assert len(message) < 1000
    assert message.isprintable()
    assert "[U+202E]" in message


def test_a_count_of_values_does_not_mistake_text_for_them():
    text = json.dumps({"text": "[{,:" * 100_000})
    assert bounded_json.parse_json(text) == json.loads(text)
