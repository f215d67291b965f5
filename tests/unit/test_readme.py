"""The README names what there is, and nothing of it is missing."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from jupyter_agentauth.commands import argument_parser
from jupyter_agentauth.config import AgentAuth
from jupyter_agentauth.known_agents import BUILT_IN

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.mark.parametrize("trait", AgentAuth.class_own_traits(config=True))
def test_every_setting_is_in_the_readme_and_has_help_with_an_example(trait):
    assert f"`{trait}`" in README
    assert f"c.AgentAuth.{trait} = " in AgentAuth.class_traits()[trait].help


@pytest.mark.parametrize("agent", BUILT_IN.values(), ids=lambda agent: agent.name)
def test_every_agents_shared_directories_are_in_its_row(agent):
    [row] = [line for line in README.splitlines() if line.startswith(f"| `{agent.name}` |")]
    for directory in (*agent.auth_dirs, *agent.cache_dirs):
        assert f"`{directory}`" in row


def test_every_command_is_in_the_readme():
    [commands] = [
        action.choices
        for action in argument_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    for command in commands:
        assert f"`{command}" in README
