"""What the tests prove of which agent, told by themselves.

A test that proves something of agents is marked::

    @pytest.mark.claim("what is proved", not_had={"copilot": "what was tried"})

Of which agents follows from the names in its parameters' ids, or from ``agents=[…]``. With
``--claims`` the whole is printed as JSON, from which `make/docs.py` writes the docs' table.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_agentauth.known_agents import BUILT_IN


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--claims", action="store_true", help="print what the tests prove, as JSON")


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.getoption("--claims"):
        return
    claims: dict[str, dict[str, Any]] = {}
    for item in session.items:
        for mark in item.iter_markers("claim"):
            _add(claims, item, mark)
    print(f"\nclaims: {json.dumps(list(claims.values()))}")


def _add(claims: dict[str, dict[str, Any]], item: pytest.Item, mark: pytest.Mark) -> None:
    [text] = mark.args
    claim = claims.setdefault(
        text, {"text": text, "agents": [], "soak": [], "tests": [], "not_had": {}}
    )
    where = "soak" if item.get_closest_marker("soak") else "agents"
    for agent in mark.kwargs.get("agents") or _agents(item):
        if agent not in claim[where]:
            claim[where].append(agent)
    test = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
    if test not in claim["tests"]:
        claim["tests"].append(test)
    claim["not_had"].update(mark.kwargs.get("not_had", {}))


def _agents(item: pytest.Item) -> list[str]:
    callspec = getattr(item, "callspec", None)
    words = callspec.id.split("-") if callspec else []
    return [word for word in words if word in BUILT_IN]
