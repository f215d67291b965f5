"""The process is killed between any two steps of a launch."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import killed_launches
import pytest
from conformance_bench import configure
from faulty_places import SIGN_IN
from soak import small_or_large
from waiting import wait_until

from jupyter_agentauth.owner import owner

#: What `hostfiles` writes beside a file.
TEMPORARY = re.compile(r"\..*\.[0-9a-f]{12}")

#: Where it lies in each scope.
PLACES = (".claude/.credentials.json", ".agentauth-credentials/.credentials.json")


class Launches:
    """One program that makes launches which kill themselves, see `killed_launches`."""

    def __init__(self, worktree: Path, agent: str, scope: str) -> None:
        program = Path(killed_launches.__file__)
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(worktree), agent, scope],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def until(self, number: int) -> str:
        """Make a launch that ends before the step of this number; which one that was."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{number}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@pytest.fixture
def store(home: Path) -> Path:
    return Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"


@pytest.fixture
def launches(repository: Path, second_engine: object) -> Iterator[Callable[..., Launches]]:
    made: list[Launches] = []

    def make(agent: str, scope: str) -> Launches:
        made.append(Launches(repository, agent, scope))
        return made[-1]

    yield make
    for launch in made:
        launch.process.communicate()


def begin_anew(store: Path, repository: Path, kept: Path) -> None:
    """As before the first launch: what it made in the store, the repository and beside them."""
    for path in (store, repository, Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "agentauth"):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(kept / "store", store)
    shutil.copytree(kept / "repository", repository, symlinks=True)


def all_files(*roots: Path) -> list[Path]:
    return [path for root in roots for path in root.rglob("*") if not path.is_dir()]


def half_made(store: Path) -> list[Path]:
    """Files of the store, but for those beside one, that do not have their whole text."""
    found = []
    for path in all_files(store):
        if TEMPORARY.fullmatch(path.name) or path.name.endswith(".lock"):
            continue
        if path.name == "VERSION":
            whole = path.read_text() == "1\n"
        elif path.suffix == ".json":
            whole = _is_json(path.read_text())
        else:
            whole = True
        found += [] if whole else [path]
    return found


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scope", ["config", "credentials"])
@small_or_large("every", 12, 1, ("some steps", "all steps"))
def test_killed_before_any_step_of_a_launch_nothing_is_lost_and_the_next_one_works(
    repository, second_engine, store, launches, tmp_path, scope, every
):
    """Of a signed-in agent whose sign-in moves to the other scope and is asked questions.

    Before each twelfth step, in ``make soak`` before each.
    """
    configure(agents={"claude": {"command": ["true"], "auth_files": {".claude/x.json": "{}\n"}}})
    before, after = PLACES if scope == "credentials" else PLACES[::-1]
    kept = tmp_path / "kept"
    credential = kept / "store" / "claude" / before
    credential.parent.mkdir(parents=True, mode=0o700)
    credential.write_text(SIGN_IN)
    shutil.copytree(repository, kept / "repository", symlinks=True)
    launch = launches("claude", scope)
    runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "agentauth"

    steps: list[str] = []
    while not (steps and steps[-1].startswith("done")):
        begin_anew(store, repository, kept)
        number = len(steps) * every + 1
        steps.append(launch.until(number))
        said = f"killed before step {number}: {steps[-1]}"
        root = store / "claude"
        there = [(root / place).read_text() for place in PLACES if (root / place).exists()]
        assert there == [SIGN_IN], said
        assert half_made(store) == [], said

        # A lock of Claude Code's own kind, which only its age tells to be nobody's.
        lock = root / ".claude" / ".claude.json.lock"
        if lock.exists():
            os.utime(lock, (time.time() - 60,) * 2)
        assert launch.until(0) == "done 0", said
        assert (root / after).read_text() == SIGN_IN, said
        assert not (root / before).exists(), said
        left = [p for p in all_files(store, runtime, repository) if TEMPORARY.fullmatch(p.name)]
        assert left == [], said
        assert not lock.exists(), said
    assert steps[-1] == "done 0"
    assert len(steps) > 30 // every, steps
    kinds = {step.partition(" ")[0] for step in steps}
    if every == 1:
        assert kinds >= {"open", "os.mkdir", "os.link", "os.rename", "http.client.send"}
        assert "subprocess.Popen" in kinds
    wait_until(lambda: second_engine.all_containers() == [])


CLIENT = """\
#!/bin/sh
# Killed, with the command, when it has made its container and has not started it.
shift
for word; do
    shift
    # The one option that `docker create` does not have; its value is another one's, too.
    case $word in --detach-keys | ctrl-*) ;; *) set -- "$@" "$word" ;; esac
done
docker create "$@" >/dev/null
kill -9 "$PPID" $$
"""


@pytest.fixture
def dying_client(home: Path) -> Path:
    path = home / "dying-client"
    path.write_text(CLIENT)
    path.chmod(0o755)
    return path


def test_a_container_whose_client_was_killed_before_it_started_it_is_removed_by_the_next_command(
    agentauth, repository, second_engine, dying_client
):
    def leave_one() -> None:
        setting = f'--AgentAuth.docker_command=["{dying_client}"]'
        done = agentauth("run", "sh", setting, cwd=repository)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert [c["State"] for c in second_engine.all_containers()] == ["created"]

    leave_one()
    done = agentauth("run", "sh", "--", "-c", "exit 0", cwd=repository)
    assert (done.returncode, second_engine.all_containers()) == (0, [])
    leave_one()
    assert json.loads(agentauth("sessions", "--json").stdout) == []
    assert second_engine.all_containers() == []


async def test_and_by_the_next_server_but_not_while_its_client_lives_or_when_it_is_anothers(
    api, agentauth, repository, second_engine, home, sessions
):
    plan = json.loads(agentauth("plan", "sh", "--json", cwd=repository).stdout)

    def make(name: str, owner: str) -> None:
        labels = {**plan["labels"], "jupyter.agentauth.owner": owner}
        words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
        second_engine.docker("create", "--rm", "--name", name, *words, plan["image"], "true")

    make("agentauth-sh-nobodys", owner())
    make("agentauth-sh-living", owner())
    make("agentauth-sh-another-users", f"{os.getuid()}:somebody-else")
    second_engine.docker("create", "--rm", "--name", "of-another-tool", plan["image"], "true")
    # As a client that is slow to start its container shows itself.
    words = ("sh", "-c", "sleep 300; :", "--name", "agentauth-sh-living")
    client = await asyncio.create_subprocess_exec(*words)
    try:
        assert (await api("GET", "sessions")).status == 200
        names = {c["Names"][0][1:] for c in second_engine.all_containers()}
        assert names == {"agentauth-sh-living", "agentauth-sh-another-users", "of-another-tool"}
    finally:
        client.kill()
        await client.wait()
    await api("GET", "sessions")
    names = {c["Names"][0][1:] for c in second_engine.all_containers()}
    assert names == {"agentauth-sh-another-users", "of-another-tool"}
