"""The facts of this machine that the planner needs, and those kept of the engine."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from .hostfiles import make_private_parents, write_atomically
from .machine import machine
from .owner import owner
from .settings import EngineFacts, HostFacts


def state_dir() -> Path:
    """Where generated files lie that are no credentials: identity, the engine's facts."""
    return Path(jupyter_runtime_dir()) / "agentauth"


def host_facts() -> HostFacts:
    """Read the facts of this process and user; asks no engine and writes nothing."""
    return HostFacts(
        uid=os.getuid(),
        gid=os.getgid(),
        env_names=frozenset(os.environ),
        identity_dir=str(state_dir()),
        engine=load_engine_facts(),
        home=os.path.realpath(os.path.expanduser("~")),
        machine=machine(),
        owner=owner(),
    )


def load_engine_facts() -> EngineFacts | None:
    """Return what the engine said at the last contact; ``None`` while nothing is known."""
    try:
        kept = json.loads((state_dir() / "engine.json").read_text())
        return EngineFacts(**{f.name: kept[f.name] for f in fields(EngineFacts)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_engine_facts(facts: EngineFacts) -> bool:
    """Keep what the engine said; return whether it is news to the planner.

    A place that cannot be written is passed over.
    """
    if facts == load_engine_facts():
        return False
    path = state_dir() / "engine.json"
    try:
        make_private_parents(path)
        write_atomically(path, json.dumps(asdict(facts)))
    except OSError:
        return False
    return True
