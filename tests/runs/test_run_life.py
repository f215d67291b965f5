"""The life of a run: its readers, its end, its server's end, and where it is listed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import git
from event_subscriber import Subscriber
from lab_server import LabServer
from processes import command_lines
from run_server import client_of, described, of_type, said
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect
from waiting import DEADLINE

from jupyter_agentauth.kernel.errors import ServerError

#: Says a word, and goes on when the file ``go`` is there.
WAITS = "echo first; until [ -e go ]; do sleep 0.1; done; rm go; echo second"


class Plain:
    """A server, and what runs there in worktree b."""

    def __init__(self, lab: LabServer, worktree: Path, log: Path) -> None:
        self.lab = lab
        self.worktree = worktree
        self.log = log

    @property
    def client(self) -> Any:
        """What a kernel asks the server with."""
        return client_of(self.lab)

    def start(self, script: str, **options: Any) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
        """Start a script; return the first line, and an iterator of the others."""
        options = {"worktree": str(self.worktree), "share_auth": False, **options}
        lines = self.client.run("sh", "", args=["-c", script], **options)
        return next(lines), lines

    def run(self, script: str, **options: Any) -> list[dict[str, Any]]:
        """Run a script to its end."""
        first, lines = self.start(script, **options)
        return described([first, *lines])

    def go(self) -> None:
        """Let a script that waits go on."""
        (self.worktree / "go").touch()

    def listed(self) -> list[dict[str, Any]]:
        """Its sessions."""
        return list(self.client.sessions())


@pytest.fixture(scope="module")
def server(home, repository, image, containers) -> Iterator[LabServer]:
    server = LabServer(repository.parent, home / "server.log", app="server")
    yield server
    server.kill()


@pytest.fixture
def plain(server, home, repository) -> Plain:
    if not server.runs:
        server.start()
    return Plain(server, repository.parent / "b", home / "server.log")


def changed(lines: list[dict[str, Any]]) -> dict[str, str]:
    [changes] = of_type(lines, "changes")
    return {file["path"]: file["status"] for file in changes["files"]}


def test_a_commands_words_come_as_it_prints_them(plain):
    first, lines = plain.start(WAITS)
    assert first["worktree"] == str(plain.worktree)
    assert next(lines) == {"type": "text", "text": "first\n"}
    plain.go()
    rest = list(lines)
    assert said(rest) == "second\n"
    assert rest[-1]["type"] == "done"
    assert (rest[-1]["exit_code"], rest[-1]["problem"], rest[-1]["last_lines"]) == (0, None, [])


def test_a_run_goes_on_without_readers_is_listed_and_can_be_read_again(plain, agentauth):
    first, lines = plain.start(WAITS)
    read = [first, next(lines)]
    lines.close()
    [listed] = plain.listed()
    assert (listed["id"], listed["terminal"], listed["state"]) == (first["id"], None, "running")
    assert first["id"] in agentauth("sessions").stdout
    joined, second = plain.client.join_run(first["id"]), plain.client.join_run(first["id"])
    assert [next(joined), next(joined)] == read
    plain.go()
    whole = [*read, *joined]
    assert said(whole) == "first\nsecond\n"
    assert list(second) == whole
    assert list(plain.client.join_run(first["id"])) == whole
    assert plain.listed() == []


def test_a_cancelled_run_leaves_no_container_and_its_changes_are_told(plain, containers):
    first, lines = plain.start(f"echo made > made.txt; {WAITS}")
    next(lines)
    plain.client.stop_run(first["id"])
    assert containers() == []
    rest = list(lines)
    assert changed(rest) == {"made.txt": "untracked"}
    assert (rest[-1]["type"], rest[-1]["reason"]) == ("error", "run_cancelled")
    plain.client.stop_run(first["id"])


def test_stopping_it_as_a_session_cancels_it(plain, containers):
    first, lines = plain.start(WAITS)
    next(lines)
    plain.client.stop_session(first["id"])
    assert containers() == []
    assert list(lines)[-1]["reason"] == "run_cancelled"


def test_any_command_stops_it(plain, agentauth, containers):
    first, lines = plain.start(WAITS)
    next(lines)
    assert agentauth("stop", first["id"]).returncode == 0
    assert containers() == []
    assert list(lines)[-1]["type"] == "done"


@pytest.mark.parametrize("end", ["kill", "end"])
def test_a_run_outlives_its_server_and_the_next_one_lists_and_stops_it(plain, containers, end):
    first, lines = plain.start(WAITS)
    next(lines)
    getattr(plain.lab, end)()
    plain.lab.start()
    [listed] = plain.listed()
    assert (listed["id"], listed["terminal"], listed["state"]) == (first["id"], None, "running")
    with pytest.raises(ServerError) as unknown:
        next(plain.client.join_run(first["id"]))
    assert unknown.value.reason == "run_not_found"
    plain.client.stop_run(first["id"])
    assert containers() == []
    assert plain.listed() == []
    plain.client.stop_run(first["id"])
    assert "Traceback" not in plain.log.read_text()


def test_what_it_prints_after_its_servers_end_does_not_end_it(plain, containers):
    _, lines = plain.start(f"{WAITS}; for i in 1 2 3 4 5; do seq 9999; done; echo x > done.txt")
    next(lines)
    plain.lab.kill()
    plain.go()
    deadline = time.monotonic() + DEADLINE
    while containers():
        assert time.monotonic() < deadline
    assert (plain.worktree / "done.txt").read_text() == "x\n"


async def test_its_life_is_told_as_events(plain):
    address = plain.lab.address.replace("http", "ws", 1) + "api/events/subscribe"
    told = Subscriber(await websocket_connect(HTTPRequest(address, headers=plain.lab.headers)))
    ended = plain.run("true")[0]["id"]
    await told.until(lambda: told.states(ended)[-1:] == ["exited"])
    assert told.states(ended) == ["starting", "running", "exited"]
    first, lines = plain.start(WAITS)
    next(lines)
    plain.client.stop_run(first["id"])
    await told.until(lambda: told.states(first["id"])[-1:] == ["stopped"])
    list(lines)
    assert told.states(first["id"]) == ["starting", "running", "stopped"]


def test_changes_are_those_of_the_run_alone(plain):
    tree = plain.worktree
    for name in ("committed", "edited", "untouched", "moved", "gone"):
        (tree / name).write_text(f"{name}\n" * 9)
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=files")
    for name in ("edited", "untouched"):
        (tree / name).write_text("mine\n")
    (tree / "own.txt").write_text("mine\n")
    (tree / "own [1]*.txt").write_text("mine\n")
    (tree / "gone").unlink()
    git(tree, "mv", "moved", "was-moved")
    head = git(tree, "rev-parse", "HEAD").strip()
    lines = plain.run(
        "echo more >> committed; git add committed; git commit -qm agent committed; "
        "echo more >> edited; echo new > new.txt"
    )
    assert lines[-1]["exit_code"] == 0, lines[-1]
    assert changed(lines) == {
        "committed": "modified", "edited": "modified", "new.txt": "untracked",
    }  # fmt: skip
    [changes] = of_type(lines, "changes")
    assert changes["base"] == head
    assert "mine" not in changes["diff"].replace("+mine\n+more", "")


def test_a_first_commit_is_a_change(plain):
    new = plain.worktree.parent / "new"
    new.mkdir()
    git(new, "init", "--quiet")
    script = "echo a > a.txt; git add .; git commit -qm first"
    lines = plain.run(script, worktree=str(new))
    assert changed(lines) == {"a.txt": "added"}, lines[-1]
    [changes] = of_type(lines, "changes")
    assert changes["base"] is None


def test_a_run_that_fails_says_what_was_said_last_without_keys(plain):
    lines = plain.run("echo half; echo 'Error: sk-ant-0123456789abcdef is no key' >&2; exit 7")
    done = lines[-1]
    assert (done["type"], done["exit_code"]) == ("done", 7)
    assert said(lines) == "half\n"
    assert "exit code 7: Error: [hidden] is no key." in done["problem"]
    assert done["last_lines"] == ["Error: [hidden] is no key"]


def test_stdin_is_closed_so_that_nothing_waits_for_an_answer(plain):
    lines = plain.run("cat; echo ended")
    assert said(lines) == "ended\n"


def test_a_quick_run_is_told_in_order(plain):
    for _ in range(3):
        lines = plain.run("echo quick")
        assert [line["type"] for line in lines] == ["started", "text", "changes", "done"]


def test_much_output_is_told_whole(plain):
    lines = plain.run("seq 300000; head -c 3000000 /dev/zero | tr '\\0' x")
    assert said(lines) == "".join(f"{n}\n" for n in range(1, 300001)) + "x" * 3000000


WRONG = [
    ({"agent": "claude", "prompt": ""}, 400, "bad_prompt"),
    ({"agent": "claude", "prompt": 3}, 400, "bad_prompt"),
    ({"agent": "claude", "prompt": "a\0b"}, 400, "bad_prompt"),
    ({"agent": "claude"}, 400, "bad_prompt"),
    ({"agent": "cladue", "prompt": "x"}, 404, "unknown_agent"),
    ({"agent": "claude", "prompt": "x", "resume": "--help"}, 400, "bad_resume"),
    ({"agent": "claude", "prompt": "x", "resume": "a b"}, 400, "bad_resume"),
    ({"agent": "claude", "prompt": "x", "resume": 1}, 400, "bad_resume"),
    ({"agent": "claude", "prompt": "x", "worktree": "no/such"}, 404, "worktree_not_found"),
    ({"agent": "no-such-command", "prompt": ""}, 404, "command_not_in_image"),
    (
        {"agent": "claude", "prompt": "x", "resume": "a", "share_auth": False},
        409,
        "nothing_to_resume",
    ),
]


def test_what_is_wrong_is_one_sentence_and_starts_nothing(plain, containers):
    for body, status, reason in WRONG:
        with pytest.raises(ServerError) as refused:
            list(plain.client.stream("POST", "runs", {"worktree": str(plain.worktree), **body}))
        assert (refused.value.status, refused.value.reason) == (status, reason), body
        assert "\n" not in refused.value.message
    assert containers() == []
    assert "Traceback" not in plain.log.read_text()


def test_resuming_in_a_terminal_without_sharing_is_refused(plain, containers):
    with pytest.raises(ServerError) as refused:
        plain.client.open_session(
            "claude", worktree=str(plain.worktree), share_auth=False, resume="ses_1"
        )
    assert (refused.value.status, refused.value.reason) == (409, "nothing_to_resume")
    assert containers() == []


def test_the_engine_the_processes_and_the_log_know_nothing_of_a_prompt(plain, engine, containers):
    """Of a command of ones own, what it prints is nowhere, too."""
    secret = "correct-horse-battery-staple"
    (plain.worktree / "secret.txt").write_text(secret)
    first, lines = plain.start(f"cat secret.txt; {WAITS}")
    next(lines)
    [container] = containers()
    assert secret not in json.dumps(engine.client.api.inspect_container(container.id))
    assert secret not in command_lines()
    assert secret not in json.dumps(plain.listed())
    plain.client.stop_run(first["id"])
    assert secret not in plain.log.read_text()
