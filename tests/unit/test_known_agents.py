from __future__ import annotations

import pytest

from jupyter_agentauth.agent_names import resolve
from jupyter_agentauth.agent_table import make_table
from jupyter_agentauth.errors import BadRequest
from jupyter_agentauth.known_agents import BUILT_IN


@pytest.mark.parametrize(
    "command", ["", " ", "Claude", "../claude", "./claude", "a/b", "-x", ".x", "clau de'", "é", 7]
)
def test_what_cannot_be_an_agent_is_refused_in_one_sentence(command):
    with pytest.raises(BadRequest) as refused:
        resolve(command, BUILT_IN)
    assert refused.value.reason == "bad_agent"
    assert "\n" not in refused.value.message


def test_a_very_long_name_is_refused():
    with pytest.raises(BadRequest):
        resolve("a" * 65, BUILT_IN)


def test_an_override_is_merged_key_by_key_and_its_env_variable_by_variable():
    table = make_table({"claude": {"env": {"ANTHROPIC_MODEL": "opus"}, "title": "Mine"}})
    claude = table["claude"]
    assert claude.title == "Mine"
    assert claude.auth_dirs == BUILT_IN["claude"].auth_dirs
    assert claude.env["ANTHROPIC_MODEL"] == "opus"
    assert claude.env["CLAUDE_CONFIG_DIR"] == BUILT_IN["claude"].env["CLAUDE_CONFIG_DIR"]


@pytest.mark.parametrize(
    "entry",
    [
        {"comand": "x"},
        {"command": ""},
        {"command": []},
        {"auth_dirs": ".x"},
        {"auth_dirs": ["/etc"]},
        {"auth_dirs": ["../x"]},
        {"auth_files": {"a/../b": ""}},
        {"auth_files": {"x": None}},
        {"env": {"A=B": "x"}},
        {"env": ["A"]},
        {"title": 3},
        [],
        {"command": "bin/mycli"},
        {"command": ["./mycli"]},
        {"command": ["--mycli"]},
        {"command": "mycli 'x"},
        {"command": "my\0cli"},
        {"auth_dirs": ["."]},
        {"auth_dirs": [""]},
        {"auth_dirs": ["~/.x"]},
        {"auth_dirs": [".x\n"]},
        {"auth_files": {".x/": ""}},
        {"auth_files": {".x": "\ud800"}},
        {"auth_files": {".x": "\0"}},
        {"env": {"": "x"}},
        {"env": {"A": "\0"}},
        {"headless": ["-p"]},
        {"image": "\0"},
        {"auth_dirs": [".x", ".x"]},
        {"auth_dirs": [".x"], "cache_dirs": [".x/"]},
        {"auth_dirs": [".x"], "auth_files": {".x": ""}},
        {"auth_dirs": [".x", ".x/y"]},
        {"auth_dirs": [".x/y", ".x"]},
        {"auth_dirs": [".x"], "cache_dirs": [".x/cache"]},
        {"auth_dirs": [".x/y"], "cache_dirs": [".x"]},
        {"auth_dirs": [".x/y"], "auth_files": {".x": ""}},
        {"cache_dirs": [".x"], "auth_files": {".x/key": ""}},
        {"auth_files": {".x": "", ".x/y": ""}},
        {"credential_files": [".x/token"]},
        {"auth_dirs": [".x"], "credential_files": [".x"]},
        {"auth_dirs": [".x"], "credential_files": [".x/../y"]},
    ],
    ids=repr,
)
def test_a_wrong_entry_is_named_in_one_sentence(entry):
    with pytest.raises(BadRequest, match="'mycli'") as refused:
        make_table({"mycli": entry})
    assert "\n" not in refused.value.message
    assert refused.value.message.count(". ") == 0


@pytest.mark.parametrize(
    "entry",
    [
        {"auth_dirs": [".x", ".xy", ".y/"], "cache_dirs": [".cache/x"]},
        {"auth_dirs": [".x"], "auth_files": {".x/a": "", ".x/sub/b": "text", ".xrc": ""}},
        {"command": ["/opt/my cli/mycli", "--flag"]},
        {"auth_dirs": ["Bücher"], "env": {"A": "{home}/x", "KEY": None}},
        {"headless": []},
        {"command": ["MyCLI"]},
    ],
    ids=repr,
)
def test_a_right_entry_is_taken(entry):
    assert make_table({"mycli": entry})["mycli"].title == "mycli"


def test_an_override_that_collides_with_what_the_agent_has_already_is_refused():
    with pytest.raises(BadRequest, match=r"'\.claude/cache' inside '\.claude'"):
        make_table({"claude": {"cache_dirs": [".claude/cache"]}})


@pytest.mark.parametrize("agent", BUILT_IN.values(), ids=lambda agent: agent.name)
def test_a_built_in_agent_has_all_that_people_see(agent):
    assert agent.title
    assert agent.package
    assert agent.auth_dirs
    assert any("{prompt}" in word for word in agent.headless)
