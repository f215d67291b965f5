"""The engine's build output, read."""

from __future__ import annotations

import base64
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from jupyter_agentauth.image.context import SECRET_ARGUMENT, context, recipe, secret_argument
from jupyter_agentauth.image.hostconfig import HostConfig
from jupyter_agentauth.image.progress import BuildError, Progress
from jupyter_agentauth.known_agents import BUILT_IN, Agent


def read(*events: dict[str, Any], scrub: Any = str) -> list[dict[str, object]]:
    progress = Progress(total=5, scrub=scrub)
    return [said for event in events for said in progress.read(event)]


def test_lines_are_put_together_from_pieces_and_lose_their_colours() -> None:
    events = read(
        {"stream": "::agentauth::st"}, {"stream": "ep One\n\x1b[91mhel"}, {"stream": "lo\n"}
    )
    assert [event["message"] for event in events] == ["One", "hello"]
    assert {event["step"] for event in events} == {1}


def test_a_beat_in_the_middle_of_a_line_is_a_beat() -> None:
    events = read({"stream": "::agentauth::step One\nadded ::agentauth::beat\n"})
    assert [event["message"] for event in events] == ["One", "added", "One: 2 s"]


def test_more_steps_than_foreseen_never_pass_the_total() -> None:
    events = read(*[{"stream": f"::agentauth::step {n}\n"} for n in range(9)])
    assert events[-1]["step"] == events[-1]["total"] == 5


def test_every_line_is_scrubbed() -> None:
    scrub = HostConfig(secrets=("npm_secret",)).scrub
    events = read({"stream": "::agentauth::step a npm_secret\nb npm_secret\n"}, scrub=scrub)
    assert [event["message"] for event in events] == ["a ***", "b ***"]


@pytest.mark.parametrize(
    ("output", "error", "reason", "words"),
    [
        ("npm error code E401\n::agentauth::fail npm_failed x\n", "code: 1", "npm_failed", "token"),
        (
            "npm ERR! code ETIMEDOUT\n::agentauth::fail npm_failed x\n",
            "",
            "npm_failed",
            "npm view x",
        ),
        ("npm error code ENOSPC\n::agentauth::fail npm_failed x\n", "", "no_space", "prune"),
        ("", "write /x: no space left on device", "no_space", "prune"),
        ("::agentauth::fail apt_failed git\n", "", "apt_failed", "--base-image"),
        ("::agentauth::fail base_unsuitable musl\n", "", "base_unsuitable", "Debian-like"),
        ("::agentauth::fail agent_broken x\n", "", "agent_broken", "--agents"),
        ("", "killed", "build_failed", "killed"),
    ],
)
def test_a_failure_is_one_sentence_that_says_what_to_do(
    output: str, error: str, reason: str, words: str
) -> None:
    with pytest.raises(BuildError) as caught:
        read({"stream": output}, {"error": error})
    assert caught.value.reason == reason
    assert words in caught.value.message


def test_an_engine_that_hangs_up_is_noticed() -> None:
    progress = Progress(total=5, scrub=str)
    with pytest.raises(BuildError) as caught:
        progress.image()
    assert caught.value.reason == "engine_lost"


def test_the_context_is_for_root_alone_and_holds_no_secret(tmp_path: Path) -> None:
    config = HostConfig(
        npmrc="//x.example.test/:_authToken=npm_secret\n",
        apt_conf='Acquire::http::Proxy "http://me:npm_secret@x.example.test/";\n',
        secrets=("npm_secret",),
    )
    assert b"npm_secret" not in context(BUILT_IN, config)
    assert b"npm_secret" in base64.b64decode(secret_argument(config)[SECRET_ARGUMENT])
    with tarfile.open(fileobj=io.BytesIO(context(BUILT_IN, config))) as archive:
        members = {member.name: member for member in archive.getmembers()}
        rows = archive.extractfile("agents.tsv")
        assert rows is not None
        assert b"claude\t@anthropic-ai/claude-code\tclaude\n" in rows.read()
    assert {member.mode for member in members.values()} == {0o600}
    assert {"Dockerfile", "install.sh", "agents.tsv", "ca.pem"} == set(members)


def test_the_recipe_tells_agents_apart_but_not_their_order() -> None:
    two = {name: BUILT_IN[name] for name in ("claude", "codex")}
    assert recipe(two) == recipe(dict(reversed(two.items())))
    assert recipe(two) != recipe(BUILT_IN)
    unpackaged = {**two, "mine": Agent(name="mine", command=("mine",))}
    assert recipe(two) == recipe(unpackaged)
