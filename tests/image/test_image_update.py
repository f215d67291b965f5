"""Updating the agent image, leaving agents out of it, and images of a user's own.

Real builds, of a tiny agent that goes by OpenCode's name, from a registry of our own.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import docker
import pytest
from conformance_bench import configure
from form_values import BEFORE
from signed_in_forms import chatgpt

from jupyter_agentauth.image import LABEL_BASE_IMAGE
from jupyter_agentauth.known_agents import BUILT_IN

CLIS = [f"/usr/local/bin/{name}" for name in BUILT_IN]


@pytest.fixture
def tag(engine, home) -> Iterator[str]:
    """The name of the agent image in this test; what it names goes with it."""
    name = f"agentauth-test:{uuid.uuid4().hex[:12]}"
    configure(image=name)
    yield name
    with suppress(docker.errors.ImageNotFound):
        engine.client.images.remove(name)


@pytest.fixture
def bare(own_image, image) -> str:
    """A base image with all that a build needs and no agent."""
    return own_image(image, without=CLIS)


@pytest.fixture
def base(engine, image) -> str:
    """What the agent image was built on: no labels of ours, no agents."""
    return engine.client.images.get(image).labels[LABEL_BASE_IMAGE]


@pytest.fixture
def status(agentauth):
    def ask() -> dict[str, object]:
        return json.loads(agentauth("image", "status", "--json").stdout)

    return ask


def refused(done) -> str:
    """Return the one sentence of a command that could not do it."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_one_command_brings_the_newest_versions_and_says_what_changed(
    agentauth, repository, registry, tag, bare, status
):
    assert "`jupyter agentauth image build`" in refused(agentauth("image", "update"))

    registry.version = "1.0.0"
    build = ("image", "build", "--base-image", bare, "--agents", "opencode")
    built = agentauth(*build)
    assert built.returncode == 0, built.stdout + built.stderr
    assert status()["agents"]["opencode"] == "1.0.0"

    registry.version = "1.1.0"
    updated = agentauth("image", "update")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    assert updated.stdout.splitlines()[-1] == "opencode 1.0.0 -> 1.1.0"
    assert status()["agents"] == {**dict.fromkeys(BUILT_IN), "opencode": "1.1.0"}
    assert status()["base_image"] == bare
    said = agentauth("run", "opencode", "--worktree", str(repository), "--", "--version")
    assert said.stdout == "1.1.0 (Tiny)\n", said.stderr

    again = agentauth("image", "update")
    assert again.stdout.splitlines()[-1] == "opencode 1.1.0 unchanged"
    assert registry.token not in updated.stdout + again.stdout


def test_a_failed_update_is_one_sentence_and_leaves_the_image(
    agentauth, registry, tag, bare, status
):
    assert agentauth("image", "build", "--base-image", bare, "--agents", "opencode").returncode == 0
    before = status()
    registry.token = "another"
    done = agentauth("image", "update")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "E401" in done.stderr
    assert "unchanged" not in done.stdout
    assert status() == before


def test_an_agent_that_was_left_out_is_shown_and_how_to_get_it_is_said(
    agentauth, repository, registry, tag, bare, status, containers
):
    assert agentauth("image", "build", "--base-image", bare, "--agents", "opencode").returncode == 0
    assert status()["agents"]["claude"] is None
    shown = agentauth("image", "status").stdout
    assert [line.split(maxsplit=1)[1] for line in shown.splitlines() if "claude" in line] == [
        "not in it"
    ]

    adds = f"`jupyter agentauth image build --agents claude,opencode --base-image {bare}` adds it."
    listed = {a["name"]: a for a in json.loads(agentauth("agents", "--json").stdout)}
    assert listed["opencode"]["image_ok"]
    assert not listed["claude"]["image_ok"]
    assert adds in listed["claude"]["problem"]
    assert listed["claude"]["reason"] == "command_not_in_image"
    assert f"`{listed['claude']['mend']}` adds it." == adds
    run = agentauth("run", "claude", "--worktree", str(repository))
    assert refused(run) == f"The image {tag} has no command 'claude': {adds}\n"
    assert containers() == []
    checks = {c["check"]: c for c in json.loads(agentauth("doctor", "--json").stdout)}
    assert f"`{checks['agent claude']['mend']}`" in adds


def test_an_own_image_without_the_agent_is_one_sentence_and_is_never_replaced(
    agentauth, repository, own_image, base, engine, status
):
    own = own_image(base)
    configure(image=own)
    before = engine.client.images.get(own).id
    run = refused(agentauth("run", "codex", "--worktree", str(repository)))
    assert run == (
        f"The image {own} has no command 'codex': install it there, or name an image that has it "
        "(c.AgentAuth.agents = {'codex': {'image': 'IMAGE'}}).\n"
    )
    assert "is your own" in refused(agentauth("image", "update"))
    assert "is your own" in refused(agentauth("image", "build"))
    assert engine.client.images.get(own).id == before
    assert status()["agents"] == dict.fromkeys(BUILT_IN)


def test_an_own_image_with_the_agent_works_and_shows_what_it_can(
    agentauth, repository, own_image, base, status, tmp_path
):
    codex = tmp_path / "codex"
    codex.write_text('#!/bin/sh\necho "my own codex $*"\n')
    own = own_image(base, [codex])
    configure(image=own)
    run = agentauth("run", "codex", "--share", "--worktree", str(repository), "--", "hello")
    assert run.stdout == "my own codex hello\n", run.stderr

    assert status()["present"]
    assert status()["base_image"] is None
    assert status()["agents"] == dict.fromkeys(BUILT_IN)
    shown = agentauth("image", "status").stdout.splitlines()
    assert "not by `image build`" in shown[0]
    assert dict(line.split(maxsplit=1) for line in shown[1:]) == {
        **dict.fromkeys(BUILT_IN, "not in it"),
        "codex": "in it, version unknown",
    }
    listed = {a["name"]: a for a in json.loads(agentauth("agents", "--json").stdout)}
    assert listed["codex"]["image_ok"]
    assert not listed["claude"]["image_ok"]


def test_an_image_made_of_ours_is_no_longer_ours_to_replace(
    agentauth, registry, tag, bare, own_image, status, tmp_path
):
    assert agentauth("image", "build", "--base-image", bare, "--agents", "opencode").returncode == 0
    more = tmp_path / "more"
    more.write_text("#!/bin/sh\n")
    own = own_image(tag, [more])
    configure(image=own)
    assert status()["agents"]["opencode"] == registry.version
    assert "is your own" in refused(agentauth("image", "update"))
    assert "is your own" in refused(agentauth("image", "build"))


def test_an_agents_own_image_that_is_not_there_is_one_sentence(agentauth, repository, image):
    configure(agents={"codex": {"image": "agentauth-test/no-such-image:1"}})
    run = refused(agentauth("run", "codex", "--worktree", str(repository)))
    assert "`docker pull agentauth-test/no-such-image:1`" in run
    assert "image build" not in run
    shown = agentauth("image", "status").stdout
    assert "in its own image agentauth-test/no-such-image:1" in shown


def test_an_own_image_without_flock_starts_codex_all_the_same(
    agentauth, repository, own_image, image
):
    """It serialises Codex's refresh between containers (`refresh.py`); without it none is made."""
    home = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth" / "codex"
    [(path, text)] = chatgpt("a-key", ends=BEFORE).items()
    (home / path).parent.mkdir(parents=True)
    (home / path).write_text(text)
    lock = home / ".codex" / ".agentauth-refresh.lock"
    configure(network="none")
    run = ("run", "codex", "--share", "--worktree", str(repository), "--", "--version")
    own = own_image(image, without=["/usr/bin/flock"])
    configure(image=own)
    without = agentauth(*run)
    assert (without.returncode, lock.exists()) == (0, False), without.stderr
    assert "codex" in without.stdout
    configure(image=image)
    assert agentauth(*run).returncode == 0
    assert lock.exists()
