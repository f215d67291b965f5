"""Agents of a user's own, added by a few lines of configuration.

That a sign-in holds over containers and worktrees, is apart by profile, goes with signing
out and is not there without sharing, the conformance suite proves of the made-up agent as
of the built-in ones (`test_conformance.py`). Here is what only such an agent has.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import FAKE_KEY
from conformance_agents import AGENTS, of
from conformance_bench import Bench, configure
from waiting import wait_until

MADE_UP = AGENTS["made-up"]

FIVE_LINES = """\
c.AgentAuth.agents = {
    "made-up": {
        "title": "Mine", "icon": "mine", "image": %r, "auth_dirs": [".made-up"],
    }
}
"""


@pytest.fixture
def made_up_image(own_image, image) -> str:
    return own_image(image, [MADE_UP.program])


@pytest.fixture
def store(home) -> Path:
    return Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"


def test_five_lines_of_configuration_add_an_agent_that_stays_signed_in(
    agentauth, repository, made_up_image, jp_config_dir
):
    def entry() -> dict[str, object]:
        listed = json.loads(agentauth("agents", "--json").stdout)
        [found] = [agent for agent in listed if agent["name"] == "made-up"]
        return found

    assert len(FIVE_LINES.splitlines()) == 5
    config = jp_config_dir / "jupyter_server_config.py"
    config.write_text(FIVE_LINES % made_up_image)
    assert (entry()["title"], entry()["icon"]) == ("Mine", "mine")
    assert entry()["image_ok"]
    assert not entry()["signed_in"]

    run = ("run", "made-up", "--share", "--worktree", str(repository))
    done = agentauth(*run, "--", "login", stdin=FAKE_KEY)
    assert done.returncode == 0, done.stderr
    assert entry()["signed_in"]
    assert agentauth("logout", "made-up", "--yes").returncode == 0
    assert not entry()["signed_in"]


@pytest.fixture
def jp_server_config(jp_server_config, made_up_image):
    """The server knows it, too."""
    agents = {"made-up": {"title": "Mine", "icon": "mine", "image": made_up_image}}
    return {**jp_server_config, "AgentAuth": {"agents": agents}}


async def test_the_server_lists_it(api, home):
    [found] = [a for a in (await api("GET", "agents")).json if a["name"] == "made-up"]
    assert (found["title"], found["icon"]) == ("Mine", "mine")
    assert (found["image_ok"], found["signed_in"]) == (True, False)


@of("made-up")
def test_a_file_is_made_once_with_its_text_and_never_again(bench: Bench):
    def models() -> set[str]:
        done, requests = bench.ask(bench.b)
        assert done.returncode == 0, done.stdout + done.stderr
        return {request.body["model"] for request in requests}

    bench.be_signed_in()
    settings = bench.stored(".made-up/settings.json")
    assert settings.read_text() == MADE_UP.entry["auth_files"][".made-up/settings.json"]
    assert models() == {"made-up-1"}
    settings.write_text('{"model": "the user\'s choice"}')
    assert models() == {"the user's choice"}


def test_a_file_outside_of_the_directories_works_and_its_cost_is_said(
    agentauth, repository, made_up_image, store
):
    mine = {
        "image": made_up_image,
        "auth_files": {".made-up-key": "{}\n"},
        "env": {"MADE_UP_CREDENTIALS": "{home}/.made-up-key"},
    }
    configure(agents={"made-up": mine})
    a, b = repository.parent / "a", repository.parent / "b"
    done = agentauth("run", "made-up", "--share", "--worktree", str(a), "--", "login", stdin="key")
    assert done.returncode == 0, done.stderr
    assert "~/.made-up-key of made-up is mounted as a single file" in done.stderr
    assert "prefer a directory" in done.stderr
    assert json.loads((store / "made-up" / ".made-up-key").read_text()) == {"key": "key"}

    # The next one has it and goes on to its provider, which is not there.
    ask = ("run", "made-up", "--worktree", str(b))
    configure(network="none")
    assert "not signed in" not in agentauth(*ask, "--share", "--", "ask", "x").stderr
    assert "not signed in" in agentauth(*ask, "--no-share", "--", "ask", "x").stderr


def test_signing_out_empties_a_single_file_in_a_running_container_too(
    agentauth, repository, image, store, containers
):
    keeper = {"command": ["sleep", "1000"], "auth_files": {".keeper": "nothing\n"}}
    configure(agents={"keeper": keeper})
    run = [*agentauth.argv, "run", "keeper", "--share", "--worktree", str(repository)]
    process = subprocess.Popen(run, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: [c for c in containers() if c.state == "running"])

    def inside(script: str) -> str:
        command = ["docker", "exec", containers()[0].id, "sh", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    file = store / "keeper" / ".keeper"
    assert inside("cat ~/.keeper; echo secret > ~/.keeper") == "nothing\n"
    assert file.read_text() == "secret\n"
    assert agentauth("logout", "keeper", "--yes").returncode == 0
    assert inside("cat ~/.keeper") == "nothing\n"
    inside("echo again > ~/.keeper")
    assert file.read_text() == "again\n"

    assert agentauth("stop", containers()[0].labels["session"]).returncode == 0
    process.wait(timeout=60)
    assert agentauth("logout", "keeper", "--yes").returncode == 0
    assert not (store / "keeper").exists()


def test_an_agents_own_key_variables_reach_that_agent_alone_and_stand_in_no_command_line(
    agentauth, repository, image
):
    configure(
        agents={
            "made-up": {
                "command": "printenv",
                "env": {"MADE_UP_API_KEY": None, "MADE_UP_HOME": "{home}/x"},
            },
            # Of a built-in agent, what is given here changes that alone: its own keys stay.
            "codex": {"command": "printenv", "env": {"CODEX_EXTRA": "1"}},
        }
    )
    keys = {"MADE_UP_API_KEY": FAKE_KEY, "OPENAI_API_KEY": "sk-other"}

    def printed(agent: str) -> dict[str, str]:
        done = agentauth("run", agent, "--worktree", str(repository), **keys)
        assert done.returncode == 0, done.stderr
        return dict(line.split("=", 1) for line in done.stdout.splitlines())

    made_up_env, codex_env = printed("made-up"), printed("codex")
    assert made_up_env["MADE_UP_API_KEY"] == FAKE_KEY
    assert made_up_env["MADE_UP_HOME"] == f"{made_up_env['HOME']}/x"
    assert "OPENAI_API_KEY" not in made_up_env
    assert codex_env["OPENAI_API_KEY"] == "sk-other"
    assert codex_env["CODEX_EXTRA"] == "1"
    assert not {"MADE_UP_API_KEY", "MADE_UP_HOME"} & set(codex_env)

    for agent in ("made-up", "codex"):
        plan = agentauth("plan", agent, "--json", "--worktree", str(repository), **keys)
        assert FAKE_KEY not in plan.stdout + plan.stderr
        assert "sk-other" not in plan.stdout + plan.stderr


def test_a_built_in_agent_is_changed_key_by_key(agentauth, repository, image):
    configure(agents={"codex": {"title": "My Codex", "env": {"CODEX_EXTRA": "1"}}})
    listed = {a["name"]: a for a in json.loads(agentauth("agents", "--json").stdout)}
    assert (listed["codex"]["title"], listed["codex"]["icon"]) == ("My Codex", "codex")
    plan = agentauth("plan", "codex", "--share", "--json", "--worktree", str(repository))
    targets = [m["target"] for m in json.loads(plan.stdout)["mounts"] if m["purpose"] == "auth"]
    assert targets == ["/home/agent/.codex"]


def test_a_mistake_in_the_table_is_one_sentence(agentauth, home):
    configure(agents={"made-up": {"auth_dirs": [".made-up"], "cache_dirs": [".made-up/cache"]}})
    done = agentauth("agents")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "'.made-up/cache' inside '.made-up'" in done.stderr
