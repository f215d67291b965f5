"""The docs' facts of the agents are what the table in code and the tests say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_agentauth.image.status import image_status
from jupyter_agentauth.known_agents import BUILT_IN

CHECKOUT = Path(__file__).parents[2]


def test_no_page_is_out_of_date():
    command = [sys.executable, "make/docs.py", "--check"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("agent", BUILT_IN.values(), ids=BUILT_IN)
def test_the_version_that_the_docs_name_is_not_newer_than_the_one_that_is_tested(
    engine, image, agent
):
    tested = image_status(engine.client, image, BUILT_IN).agents[agent.name]
    assert tested
    assert _numbers(tested) >= _numbers(agent.seen)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
