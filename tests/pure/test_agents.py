from __future__ import annotations

import pytest

from jupyter_agentauth.agent_table import make_table
from jupyter_agentauth.agents import BUILT_IN, resolve
from jupyter_agentauth.errors import BadRequest


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
    ],
)
def test_a_wrong_entry_is_named_in_one_sentence(entry):
    with pytest.raises(BadRequest, match="'mycli'") as refused:
        make_table({"mycli": entry})
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("agent", BUILT_IN.values(), ids=lambda agent: agent.name)
def test_a_built_in_agent_has_all_that_people_see(agent):
    assert agent.title
    assert agent.package
    assert agent.auth_dirs
    assert any("{prompt}" in word for word in agent.headless)
