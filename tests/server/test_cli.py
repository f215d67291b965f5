"""The command as a user types it: words, pipes, exit codes, sentences."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys

import pytest
from waiting import DEADLINE, wait_until


def test_the_agents_exit_code_is_ours_and_pipes_go_through(agentauth, repository, image):
    script = "cat; echo err >&2; exit 42"
    done = agentauth("run", "sh", "--", "-c", script, stdin="in\n", cwd=repository)
    assert (done.returncode, done.stdout) == (42, "in\n")
    assert "err" in done.stderr


def test_all_after_the_first_dashes_is_the_agents(agentauth, repository):
    words = ["mcp", "add", "x", "--", "true", "--share", "--json"]
    done = agentauth("plan", "claude", "--json", "--", *words, cwd=repository)
    assert json.loads(done.stdout)["argv"][-8:] == ["claude", *words]


def test_every_setting_is_shown_with_its_help(agentauth, home):
    done = agentauth("--help-all")
    assert done.returncode == 0
    assert "c.AgentAuth.allow_share_auth = False" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nothing"],
        ["plan"],
        ["plan", "claude", "codex"],
        ["plan", "claude", "--share", "--no-share"],
        ["plan", "claude", "--shar"],
        ["stop"],
        ["stop", "x", "--all"],
        ["sessions", "--", "x"],
        ["image"],
        ["image", "status", "--base-image", "x"],
    ],
)
def test_wrong_usage_is_exit_code_2(agentauth, home, words):
    done = agentauth(*words)
    assert done.returncode == 2
    assert "usage:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "Claude"],
        ["plan", "../claude"],
        ["plan", ""],
        ["plan", "claude", "--profile", "../x"],
        ["plan", "claude", "--worktree", "/nowhere"],
        ["stop", "never"],
        ["stop", ""],
        ["logout", "nobody", "--yes"],
        ["image", "build", "--agents", "nobody"],
    ],
)
def test_what_cannot_be_done_is_exit_code_1_and_one_sentence(agentauth, repository, words):
    done = agentauth(*words, cwd=repository)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_command_that_the_image_lacks_is_refused_with_the_nearest_names(
    agentauth, repository, image, containers
):
    done = agentauth("run", "copilto", cwd=repository)
    assert done.returncode == 1
    assert "copilot" in done.stderr
    assert containers() == []


def test_a_terminal_gives_the_agent_a_terminal(agentauth, repository, image):
    main, client = pty.openpty()
    script = "test -t 0 && test -t 1 && echo a-terminal; stty size"
    process = subprocess.Popen(
        [*agentauth.argv, "run", "sh", "--", "-c", script],
        cwd=repository, stdin=client, stdout=client, stderr=client,
    )  # fmt: skip
    os.close(client)
    output = b""
    while chunk := _read(main):
        output += chunk
    assert process.wait(timeout=DEADLINE) == 0
    assert b"a-terminal" in output


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # How Linux says that the other side is closed.
        return b""


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_closed_terminal_leaves_no_container_behind(
    agentauth, repository, image, containers, number
):
    process = subprocess.Popen(
        [*agentauth.argv, "run", "sh", "--", "-c", "sleep 1000"],
        cwd=repository, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    wait_until(lambda: [c for c in containers() if c.state == "running"])
    process.send_signal(number)
    assert process.wait(timeout=DEADLINE) == 128 + number
    assert containers() == []


def test_sessions_are_listed_and_stopped_by_any_command(agentauth, repository, image, containers):
    processes = [
        subprocess.Popen(
            [*agentauth.argv, "run", "sh", "--", "-c", "sleep 1000"],
            cwd=repository, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    wait_until(lambda: len([c for c in containers() if c.state == "running"]) == 2)
    mine = {container.labels["session"] for container in containers()}
    listed = json.loads(agentauth("sessions", "--json").stdout)
    assert mine <= {session["id"] for session in listed}
    for session in mine:
        assert agentauth("stop", session).returncode == 0
    assert containers() == []
    assert all(process.wait(timeout=DEADLINE) != 0 for process in processes)


def test_the_lists_for_programs_are_bare_arrays(agentauth, repository, image):
    for command in ("agents", "sessions", "doctor"):
        assert isinstance(json.loads(agentauth(command, "--json").stdout), list)
    agents = json.loads(agentauth("agents", "--json").stdout)
    assert [a["name"] for a in agents] == ["claude", "codex", "gemini", "opencode", "copilot"]
    assert all(agent["image_ok"] and not agent["signed_in"] for agent in agents)


def test_doctor_finds_nothing_to_mend_here(agentauth, repository, image):
    checks = json.loads(agentauth("doctor", "--json").stdout)
    assert {check["check"] for check in checks} >= {"engine", "image", "store", "sharing", "git"}
    assert {check["level"] for check in checks} == {"ok"}


ENGINE_FAULTS = {
    "engine_missing": {"PATH": "/nowhere"},
    "engine_not_running": {"DOCKER_HOST": "unix:///nowhere/docker.sock"},
}


@pytest.mark.parametrize("reason", ENGINE_FAULTS)
@pytest.mark.parametrize(
    "words", [["run", "claude"], ["sessions"], ["stop", "--all"], ["image", "status"]]
)
def test_an_engine_that_is_not_there_is_one_sentence_that_says_what_to_do(
    agentauth, repository, reason, words
):
    # The command itself is found without PATH; what it starts is not.
    argv = [sys.executable, "-m", "jupyter_agentauth.cli", *words]
    done = subprocess.run(
        argv, cwd=repository, env={**os.environ, **ENGINE_FAULTS[reason]},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "install" in done.stderr or "start it" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_socket_that_one_may_not_use_is_one_sentence(agentauth, repository, tmp_path):
    import socket

    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        path.chmod(stat.S_IRUSR)
        done = agentauth("sessions", DOCKER_HOST=f"unix://{path}")
    assert done.returncode == 1
    assert "usermod -aG docker" in done.stderr


def test_an_image_that_is_not_there_is_one_sentence(agentauth, repository, engine):
    done = agentauth("run", "claude", "--AgentAuth.image=no-such:image", cwd=repository)
    assert done.returncode == 1
    assert "jupyter agentauth image build" in done.stderr
    status = json.loads(
        agentauth("image", "status", "--json", "--AgentAuth.image=no-such:image").stdout
    )
    assert status["present"] is False


def test_the_extension_brings_neither_the_docker_sdk_nor_ipython_into_the_server():
    script = (
        "import sys, jupyter_server.serverapp, jupyter_server_terminals; before = set(sys.modules);"
        "import jupyter_agentauth; jupyter_agentauth._jupyter_server_extension_points();"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new & {'docker', 'requests', 'IPython', 'ipywidgets', 'terminado'}))"
    )
    assert _python(script) == "[]"


def _python(script: str) -> str:
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_agent_with_an_image_of_its_own_is_not_held_up_by_the_other_image(
    agentauth, image, jp_config_dir
):
    own = {"codex": {"image": image}}
    (jp_config_dir / "jupyter_server_config.py").write_text(
        f"c.AgentAuth.image = 'no-such:image'\nc.AgentAuth.agents = {own!r}\n"
    )
    agents = {a["name"]: a for a in json.loads(agentauth("agents", "--json").stdout)}
    assert agents["codex"]["image_ok"]
    assert "image build" in agents["claude"]["problem"]
    assert agents["claude"]["reason"] == "image_missing"
    assert agents["claude"]["mend"] == "jupyter agentauth image build"
    assert [agents["codex"][key] for key in ("problem", "reason", "mend")] == [None] * 3


def test_an_own_image_that_is_not_there_is_mended_by_getting_it(agentauth, image, jp_config_dir):
    own = {"codex": {"image": "no-such:image"}}
    (jp_config_dir / "jupyter_server_config.py").write_text(f"c.AgentAuth.agents = {own!r}\n")
    agents = {a["name"]: a for a in json.loads(agentauth("agents", "--json").stdout)}
    assert agents["codex"]["reason"] == "image_missing"
    assert agents["codex"]["mend"] == "docker pull no-such:image"
    checks = {c["check"]: c for c in json.loads(agentauth("doctor", "--json").stdout)}
    assert checks["agent codex"]["mend"] == agents["codex"]["mend"]
