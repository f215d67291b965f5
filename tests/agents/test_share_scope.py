"""``share_scope = "credentials"``: the sign-in is shared, settings and history are not.

The same proof as in the conformance suite: what container 1 stored is what container 2's
request carries. Of Copilot CLI, whose tokens and settings are one file, that nothing is shared.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conformance_agents import CAN_BE_SPLIT, of
from conformance_bench import PROMPT, Bench, configure
from conformance_terminal import Terminal

ALONE = ".agentauth-credentials"


def stored_files(bench: Bench) -> set[str]:
    """Names of what lies in the agent's part of the store, locks apart."""
    root = bench.stored("")
    found = [Path(here, name) for here, _, names in os.walk(root) for name in names]
    return {str(path.relative_to(root)) for path in found if not path.name.endswith(".lock")}


_NOT_SPLIT = {
    "copilot": "1.0.102 keeps its tokens and its settings in one file. A link in its place it "
    "replaces by a file of its own at each start, and with a mounted file it ends at once."
}


@pytest.mark.claim(
    'its sign-in is shared without its settings and history (`share_scope = "credentials"`)',
    not_had=_NOT_SPLIT,
)
@of(*CAN_BE_SPLIT, soak=("gemini", "opencode"))
def test_a_sign_in_is_shared_without_settings_and_history(bench: Bench):
    """Signed in by what the CLI itself does there (see the conformance suite)."""
    bench.share("credentials")
    bench.agent.sign_in(bench, bench.a, "default")
    done, requests = bench.ask(bench.b)
    assert done.returncode == 0, done.stdout + done.stderr
    models = [request for request in requests if request.model]
    assert models
    assert all(request.carries(bench.agent.credential) for request in models)
    assert bench.signed_in()
    assert stored_files(bench)
    assert all(name.startswith(f"{ALONE}/") for name in stored_files(bench))
    assert not any(
        PROMPT.encode() in path.read_bytes() for path in bench.store.rglob("*") if path.is_file()
    )

    bench.sign_out()
    assert not bench.signed_in()
    assert stored_files(bench) == set()


@pytest.mark.claim(
    "changing `share_scope` takes the sign-in along", not_had={"copilot": "the same."}
)
@of(*CAN_BE_SPLIT, soak=("gemini", "opencode"))
def test_a_sign_in_is_taken_along_when_the_scope_is_changed(bench: Bench):
    """There and back: it is moved, so that no two copies sign each other out."""
    bench.be_signed_in()
    for scope in ("credentials", "config"):
        bench.share(scope)
        assert bench.signed_in()
        done, requests = bench.ask(bench.b)
        assert "was taken over" in done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        assert any(request.carries(bench.agent.credential) for request in requests)
        alone = {name for name in stored_files(bench) if name.startswith(f"{ALONE}/")}
        assert bool(alone) == (scope == "credentials")


@of("codex")
def test_signing_out_by_the_clis_own_command_signs_out_the_other_containers_too(bench: Bench):
    """Codex 0.169.0 removes its file, which is a link there."""
    bench.share("credentials")
    bench.sign_in()
    assert bench.run(bench.a, "login", "status").returncode == 0
    assert bench.run(bench.a, "logout").returncode == 0
    assert bench.run(bench.b, "login", "status").returncode != 0
    assert not bench.signed_in()
    bench.sign_in()
    assert bench.run(bench.b, "login", "status").returncode == 0


ENDS = {
    "its own": ("echo ready; read line; echo $line; exit 7", "a line\r", 7),
    "interrupted": ("trap 'exit 8' INT; echo ready; sleep 60 & wait", "\x03", 8),
    "killed by a signal": ("echo ready; read line; kill -KILL $$", "a line\r", 137),
}


@pytest.fixture
def kept(repository: Path, image: str) -> list[str]:
    """Run a shell whose credentials alone are shared, by links that are kept."""
    entry = {"command": ["bash", "-c"], "auth_dirs": [".x"], "credential_files": [".x/token"]}
    configure(share_scope="credentials", agents={"kept": entry})
    return ["run", "kept", "--share", "--worktree", str(repository), "--"]


@pytest.mark.parametrize("end", ENDS)
def test_an_agent_whose_links_are_kept_ends_as_it_would_by_itself(agentauth, kept, end):
    script, typed, code = ENDS[end]
    with Terminal([*agentauth.argv, *kept, script]) as terminal:
        terminal.until("ready")
        terminal.type(typed)
        assert terminal.until_ended() == code


def test_what_it_is_given_on_a_pipe_reaches_an_agent_whose_links_are_kept(agentauth, kept):
    done = agentauth(*kept, "rm -f ~/.x/token; cat >~/.x/token; echo stored", stdin="a token")
    assert (done.returncode, done.stdout) == (0, "stored\n"), done.stderr
    assert agentauth(*kept, "cat ~/.x/token").stdout == "a token"


def test_a_shared_directory_that_cannot_be_used_costs_the_sharing_and_not_the_agent(
    agentauth, kept, tmp_path
):
    store = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth" / "kept"
    store.mkdir(parents=True)
    (store / ALONE).symlink_to(tmp_path)
    done = agentauth(*kept, "cat >~/.x/token; cat ~/.x/token", stdin="a token")
    assert (done.returncode, done.stdout) == (0, "a token")
    assert "symbolic link" in done.stderr
    assert "ends with this session" in done.stderr
    assert not (tmp_path / "token").exists()


def test_a_session_whose_links_are_kept_is_stopped_at_once(agentauth, kept, containers):
    """By the signal that the engine sends first, which it has ten seconds to obey."""
    script = "trap 'echo told; exit 9' HUP TERM; echo ready; sleep 60 & wait"
    with Terminal([*agentauth.argv, *kept, script]) as terminal:
        terminal.until("ready")
        [container] = containers()
        assert agentauth("stop", container.labels["session"]).returncode == 0
        terminal.until("told")
        assert terminal.until_ended() == 9


@of("copilot")
def test_an_agent_that_cannot_be_split_shares_nothing_and_says_so(bench: Bench):
    bench.be_signed_in()
    bench.share("credentials")
    done, requests = bench.ask(bench.b)
    assert "share_scope = 'config' shares both" in done.stderr
    assert "shared across" not in done.stderr
    assert bench.agent.unsigned in done.stdout + done.stderr
    assert not any(request.carries(bench.agent.credential) for request in requests)
    assert not bench.signed_in()
    bench.share("config")
    assert bench.signed_in()
