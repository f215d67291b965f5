"""Agents as Python objects: real CLIs in real containers, against the providers' stand-ins."""

from __future__ import annotations

import asyncio
import doctest
import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import git
from conformance_agents import of
from mending import CHECK, PROMPT, mended_where_asked
from providers import Edit, Request

from jupyter_agentauth import agents


@of("claude")
class TestOneAgent:
    def test_a_run_is_an_object_with_all_that_came_of_it(self, project, mends, containers):
        told = []
        run = agents.run("claude", PROMPT, on_change=lambda run: told.append(run.state))
        assert (run.state, run.exit_code, run.ok) == ("done", 0, True)
        assert run.raise_for_status() is run
        assert run.text.strip() == "Done by the stand-in."
        assert [(c.path, c.added, c.removed) for c in run.changes] == [("prices.py", 1, 1)]
        assert "+    return sum(prices)\n" in run.diff
        assert run.tools[0].output is not None
        assert run.usage["output_tokens"] > 0
        assert told[0] == "running"
        assert told[-1] == "done"
        assert containers() == []

    def test_a_conversation_goes_on_in_its_worktree(self, project, mends, run_server):
        first = agents.run("claude", PROMPT, worktree="topic", create=True)
        assert first.worktree == str(project.parent / "main.worktrees" / "topic")
        second = agents.run("claude", "What did you mend?", resume=first)
        assert (second.worktree, second.state) == (first.worktree, "done")
        asked = [str(r.body) for r in run_server.bench.provider.requests if r.model]
        assert PROMPT in asked[-1]

    def test_an_agent_that_fails_is_a_run_and_raises_when_asked_to(self, project):
        run = agents.run("claude", PROMPT, share=False)
        assert run.state == "failed"
        with pytest.raises(agents.RunFailed) as failed:
            run.raise_for_status()
        assert failed.value.run is run
        assert "Not logged in" in failed.value.message
        assert "\n" not in str(failed.value)

    def test_what_cannot_start_is_one_sentence(self, project):
        with pytest.raises(agents.ServerError, match="is no agent"):
            agents.run("nonesuch", PROMPT)
        with pytest.raises(agents.AgentError, match="There is no worktree 'nowhere'"):
            agents.run("claude", PROMPT, worktree="nowhere")

    def test_a_run_that_takes_too_long_leaves_no_container(self, project, waits, containers):
        run = agents.run("claude", PROMPT, timeout=6)
        assert (run.state, run.reason) == ("cancelled", "run_timeout")
        assert run.problem == "claude took longer than 6 s and was stopped."
        assert containers() == []
        with pytest.raises(agents.RunFailed, match="took longer than 6 s"):
            run.raise_for_status()

    def test_an_interrupt_leaves_no_container_and_keeps_the_run(self, project, waits, containers):
        def interrupt() -> None:
            waits.wait(120)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt) as interrupted:
            agents.run("claude", PROMPT)
        assert containers() == []
        run = interrupted.value.run
        assert (run.state, run.prompt, bool(run.id)) == ("cancelled", PROMPT, True)

    async def test_a_cancelled_task_leaves_no_container_and_the_loop_goes_on(
        self, project, waits, containers
    ):
        task = asyncio.ensure_future(agents.run_async("claude", PROMPT))
        turns = 0
        while not waits.is_set():
            await asyncio.sleep(0.01)
            turns += 1
        assert turns > 20  # It was not held up.
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        assert containers() == []
        assert cancelled.value.run.state == "cancelled"

    async def test_two_runs_go_on_side_by_side_in_one_loop(self, project, mends):
        runs = await asyncio.gather(
            agents.run_async("claude", PROMPT, worktree="one", create=True),
            agents.run_async("claude", PROMPT, worktree="two", create=True),
        )
        assert [run.state for run in runs] == ["done", "done"]
        assert len({run.worktree for run in runs}) == 2

    async def test_it_can_be_called_plainly_while_a_loop_runs(self, project, mends):
        assert agents.run("claude", PROMPT).state == "done"  # As in a notebook's cell.

    def test_a_script_shows_the_progress_as_plain_lines(self, project, mends):
        script = (
            "from jupyter_agentauth import agents\n"
            f"print(agents.gather(['claude'], prompt={PROMPT!r}, check={CHECK!r}, display=True))\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.splitlines()
        assert lines[0].startswith("claude: running in ")
        assert lines[1].startswith("claude: done, ")
        assert lines[2:] == ["claude: check passed"]
        assert "AGENT" in done.stdout
        assert "passed" in done.stdout
        assert "\x1b" not in done.stdout + done.stderr

    def test_the_documented_examples_are_true(self, project, run_server):
        run_server.bench.provider.edit = notes_where_asked(project)
        tests = doctest.DocTestFinder().find(agents, globs={"agents": agents, "asyncio": asyncio})
        said = []
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        wanted = [test for test in tests if test.examples]
        assert [t.name.rpartition(".")[2] for t in wanted] == [
            "agents",
            "gather",
            "run",
            "run_async",
        ]
        for test in wanted:
            runner.run(test, out=said.append)
        assert "".join(said) == ""


def notes_where_asked(project: Path) -> Callable[[Request], Edit | None]:
    numbers = itertools.count()

    def edit(request: Request) -> Edit | None:
        found = mended_where_asked(project)(request)
        assert found is not None
        # Another one each time: what is there already would be nothing to apply.
        return Edit(str(Path(found.path).parent / "notes.txt"), f"A note: {next(numbers)}\n")

    return edit


@of("claude")
class TestSeveral:
    def test_one_that_fails_takes_no_other_with_it(self, project, mends, containers):
        tasks = ["claude", "nonesuch", agents.Task("claude", name="unsigned", share=False)]
        results = agents.gather(tasks, prompt=PROMPT, check=CHECK, max_parallel=2)
        assert [run.state for run in results] == ["done", "failed", "failed"]
        assert "is no agent" in results[1].problem
        assert "Not logged in" in results[2].problem
        assert [row["check"] for row in results.table] == [True, None, None]
        assert results.passed == [results[0]]
        branches = git(project, "branch", "--list", "agents/*", "--format=%(refname:short)")
        assert branches.split() == [
            "agents/mend-the-bug-in-prices-py-claude", "agents/unsigned-claude",
        ]  # fmt: skip
        assert containers() == []

    def test_the_others_are_kept_when_all_are_interrupted(self, project, waits, containers):
        def interrupt() -> None:
            waits.wait(120)
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(agents.RunInterrupted) as interrupted:
            agents.gather(["claude", "claude", "claude"], prompt=PROMPT, max_parallel=2)
        assert containers() == []
        results = interrupted.value.results
        assert [run.state for run in results] == ["cancelled"] * 3
        assert results[2].worktree == ""  # It had not begun.

    async def test_a_cancelled_task_stops_all(self, project, waits, containers):
        gathering = agents.gather_async(["claude", "claude"], prompt=PROMPT)
        task = asyncio.ensure_future(gathering)
        await asyncio.to_thread(waits.wait, 120)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        assert containers() == []
        assert [run.state for run in cancelled.value.results] == ["cancelled"] * 2

    def test_a_check_that_fails_says_why_and_one_that_litters_is_told_of(self, project, mends):
        check = ["bash", "-c", "echo litter > litter.txt; echo no >&2; exit 3"]
        [run] = agents.gather(["claude"], prompt=PROMPT, check=check)
        assert (run.check.exit_code, run.check.ok, run.check.last_lines) == (3, False, "no")
        assert "litter.txt" in run.warnings[-1]
        assert run.ok

    def test_outside_of_a_repository_nothing_starts(self, project, tmp_path):
        with pytest.raises(agents.AgentError, match="is in no git worktree"):
            agents.gather(["claude"], prompt=PROMPT, worktree=tmp_path)

    def test_uncommitted_work_is_said_to_be_unseen(self, project, mends):
        (project / "readme.txt").write_text("not committed\n")
        results = agents.gather(["claude"], prompt=PROMPT)
        assert "No agent sees what is not committed" in repr(results)
