"""Runs and results as objects: what they are made of, saved as, and shown as."""

from __future__ import annotations

import _thread
import json
import threading
from concurrent import futures
from typing import Any

import pytest

from jupyter_agentauth import agents
from jupyter_agentauth.kernel.progress import Lines, progress_of
from jupyter_agentauth.kernel.tasks import as_tasks, branch_names, slug
from jupyter_agentauth.kernel.work import Stop, in_thread, wait

STARTED = {
    "type": "started", "id": "abc", "container": "c" * 64, "agent": "codex", "profile": "default",
    "worktree": "/src/a", "share_auth": True, "warnings": ["Mind the gap."],
}  # fmt: skip
USAGE = {
    "type": "usage", "input_tokens": 1200, "output_tokens": 34, "cached_tokens": None, "cost": 0.05
}  # fmt: skip
CHANGES = {
    "type": "changes", "diff": "+x\n", "truncated": False, "base": "f" * 40,
    "files": [
        {"path": "x.py", "status": "modified", "added": 3, "removed": 1},
        {"path": "x.png", "status": "untracked", "added": None, "removed": None},
    ],
}  # fmt: skip
DONE = {
    "type": "done", "exit_code": 0, "seconds": 83.4, "conversation": "1-2", "problem": None,
    "last_lines": [],
}  # fmt: skip
HOSTILE = "\x1b[2J\x1b]0;title\x07<script>alert(1)</script>\x9b31m\u202e"


def tool(output: str | None) -> dict[str, Any]:
    return {"type": "tool", "id": "t1", "name": "shell", "input": {"c": "ls"}, "output": output}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def a_run(*lines: dict[str, Any], agent: str = "codex") -> agents.Run:
    run = agents.Run(agent, "Mend it.")
    for line in lines:
        run.add(line)
    return run


def whole_run() -> agents.Run:
    lines = (STARTED, text("Hel"), tool(None), tool("files"), text("lo."), USAGE, CHANGES, DONE)
    return a_run(*lines)


def test_a_run_is_what_its_lines_say():
    run = whole_run()
    assert (run.id, run.worktree, run.share_auth) == ("abc", "/src/a", True)
    assert (run.state, run.exit_code, run.seconds, run.conversation) == ("done", 0, 83.4, "1-2")
    assert run.text == "Hello."
    assert run.tools == [agents.ToolCall("t1", "shell", {"c": "ls"}, "files")]
    assert run.usage["input_tokens"] == 1200
    assert run.changes[0] == agents.Change("x.py", "modified", 3, 1)
    assert run.diff == "+x\n"
    assert run.warnings == ["Mind the gap."]
    assert len(run.events) == 8


def test_what_is_not_known_of_a_run_is_kept_and_breaks_nothing():
    run = a_run(STARTED, {"type": "event", "raw": {"x": 1}}, {"type": "new"}, {"text": "no type"})
    assert run.state == "running"
    assert run.events[1]["raw"] == {"x": 1}


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (DONE, "done"),
        ({**DONE, "exit_code": 2, "problem": "It failed."}, "failed"),
        ({**DONE, "problem": "It failed."}, "failed"),
        ({"type": "error", "message": "No.", "reason": "engine_not_reached"}, "failed"),
        ({"type": "error", "message": "No.", "reason": "run_cancelled"}, "cancelled"),
    ],
)
def test_how_a_run_ended_is_its_state_and_raises_with_the_run(last, state):
    run = a_run(STARTED, text("So far"), last)
    assert (run.state, run.text, run.ended) == (state, "So far", True)
    if state == "done":
        assert run.raise_for_status() is run
        return
    with pytest.raises(agents.RunFailed) as failed:
        run.raise_for_status()
    assert failed.value.run is run
    assert str(failed.value) == run.problem


def test_a_run_that_goes_on_has_not_failed_and_cannot_be_applied():
    run = a_run(STARTED)
    assert run.raise_for_status() is run
    assert run.elapsed is not None
    for act in (run.apply, run.discard, run.open):
        with pytest.raises(agents.AgentError):
            act()


def test_a_saved_run_is_the_same_and_shows_the_same():
    run = whole_run()
    run.check = agents.Check("pytest", 1, "1 failed")
    run.applied = agents.Applied("a", "main", "/src", "f" * 40, ("x.py",))
    run.discarded = agents.Discarded("a", "refs/agentauth/discarded/a", "git worktree add a")
    saved = json.loads(json.dumps(run.to_json()))
    again = agents.Run.from_json(saved)
    assert again.to_json() == run.to_json()
    assert (again.check, again.applied, again.discarded) == (
        run.check, run.applied, run.discarded
    )  # fmt: skip
    assert repr(again) == repr(run)
    assert "Hello." in again._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize("value", [{}, {"version": 2}, [], "x"])
def test_what_is_no_saved_run_is_refused_in_one_sentence(value):
    for kind in (agents.Run, agents.Results):
        with pytest.raises(agents.AgentError, match="save it with to_json"):
            kind.from_json(value)


def results() -> agents.Results:
    good, bad = whole_run(), a_run(agent="nonesuch")
    good.check = agents.Check("pytest", 0)
    bad.add({"type": "error", "message": "There is no such agent.", "reason": "bad_agent"})
    return agents.Results([good, bad], ["Not all is committed."])


def test_results_compare_in_rows_and_in_a_table():
    found = results()
    assert found.table[0] == {
        "name": "codex", "agent": "codex", "state": "done", "seconds": 83.4, "cost": 0.05,
        "input_tokens": 1200, "output_tokens": 34, "files": 2, "added": 3, "removed": 1,
        "check": True, "branch": None, "worktree": "/src/a", "problem": None,
    }  # fmt: skip
    head, first, second, *notes = repr(found).splitlines()
    assert head.split() == ["AGENT", "STATE", "TIME", "COST", "TOKENS", "FILES", "LINES", "CHECK",
                            "BRANCH"]  # fmt: skip
    assert first.split("  ")[0] == "codex"
    assert "1 min 23 s" in first
    assert "passed" in first
    assert second.startswith("nonesuch  failed")
    assert notes == [
        "Not all is committed.", "codex: Mind the gap.", "nonesuch: There is no such agent."
    ]  # fmt: skip
    assert found.passed == [found[0]]
    assert list(found[:1]) == [found[0]]
    saved = json.loads(json.dumps(found.to_json()))
    assert repr(agents.Results.from_json(saved)) == repr(found)


def test_a_task_that_did_not_start_has_nothing_to_discard():
    with pytest.raises(agents.AgentError, match="never had a worktree"):
        results()[1].discard()
    assert agents.Results([results()[1]]).discard_all() == []


def test_what_an_agent_writes_does_nothing_in_a_console_or_a_page(capsys):
    run = a_run(
        {**STARTED, "warnings": [HOSTILE], "worktree": f"/src/{HOSTILE}"},
        text(HOSTILE),
        {**CHANGES, "files": [{"path": HOSTILE, "status": "modified"}]},
        {**DONE, "exit_code": 1, "problem": HOSTILE},
        agent=HOSTILE,
    )
    run.check = agents.Check(HOSTILE, 1, HOSTILE, HOSTILE)
    run.name = run.branch = HOSTILE
    found = agents.Results([run], [HOSTILE])
    Lines(found).update(run)
    plain = [repr(found), repr(run), repr(run.check), capsys.readouterr().err]
    plain.append(run._repr_mimebundle_()["text/plain"])
    with pytest.raises(agents.RunFailed) as failed:
        run.raise_for_status()
    plain.append(str(failed.value))
    for shown in plain:
        assert not any(mark in shown for mark in ("\x1b", "\x07", "\x9b", "\u202e"))
    html = found._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "\x1b" not in html


def test_tasks_are_short_to_type():
    whole = as_tasks(
        ["claude", ("codex", "Other."), agents.Task("gemini", profile="work")],
        "Mend it.", "home", None,
    )  # fmt: skip
    assert [(t.agent, t.prompt, t.profile) for t in whole] == [
        ("claude", "Mend it.", "home"), ("codex", "Other.", "home"), ("gemini", "Mend it.", "work")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tasks", "prompt", "reason"),
    [
        ("claude", "x", "bad_tasks"),
        ([], "x", "bad_tasks"),
        ([3], "x", "bad_tasks"),
        (["claude"], None, "bad_prompt"),
        ([("claude", " ")], "x", "bad_prompt"),
    ],
)
def test_wrong_tasks_are_one_sentence(tasks, prompt, reason):
    with pytest.raises(agents.AgentError) as wrong:
        agents.gather(tasks, prompt=prompt)
    assert wrong.value.reason == reason


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Mend the failing test.", "mend-the-failing-test"),
        ("  --Über $(rm -rf ~) ../x\n", "uber-rm-rf-x"),
        ("直して", "task"),
        ("x" * 500, "x" * 32),
        ("Find the bug in prices.py and mend it.", "find-the-bug-in-prices-py-and"),
    ],
)
def test_a_branch_is_named_by_the_first_words_of_a_prompt(words, named):
    assert slug(words) == named
    names = branch_names(agents.Task("/bin/claude", words))
    assert [next(names), next(names)] == [f"agents/{named}-claude", f"agents/{named}-claude-2"]


def test_a_pipe_is_shown_no_progress(capsys):
    progress = progress_of(results(), None)
    progress.update(results()[0])
    progress.close()
    assert capsys.readouterr() == ("", "")


class TestWork:
    def test_what_is_to_stop_is_stopped_whenever_the_stop_comes(self):
        stopped = []
        before, during = Stop(), Stop()
        before.now()
        with before.calls(lambda: stopped.append("before")):
            pass
        with during.calls(lambda: stopped.append("during")):
            during.now()
            during.now()
        during.now()
        assert stopped == ["before", "during"]

    def test_what_fails_to_stop_is_waited_for_all_the_same(self):
        stop = Stop()
        with stop.calls(lambda: 1 / 0):
            stop.now()
        assert stop.is_set

    def test_an_interrupt_ends_the_work_and_waits_for_its_end(self, monkeypatch):
        """Also one that a sleeping thread does not see by itself."""
        stop, waits, told = Stop(), threading.Event(), []
        wait_for = futures.wait

        def waiting(*arguments: Any, **options: Any) -> Any:
            waits.set()
            return wait_for(*arguments, **options)

        def work() -> None:
            over = threading.Event()
            with stop.calls(over.set):
                waits.wait(10)
                _thread.interrupt_main()
                told.append(over.wait(10))

        monkeypatch.setattr(futures, "wait", waiting)
        with pytest.raises(KeyboardInterrupt):
            wait(lambda: in_thread(work, "work"), stop)
        assert told == [True]
