"""How long the tests took, against the time that they may take, and what took longest.

`make/test` tells the budget in ``AGENTAUTH_BUDGET`` (minutes); a run of chosen tests has none.
With ``AGENTAUTH_TIMES`` every test's own time is written there, a JSON line each; with
``AGENTAUTH_FAILED`` the names of the tests that failed.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

#: So many groups are named.
_NAMED = 12


class Times:
    """The seconds of each test module, summed over the processes."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.tests: defaultdict[str, int] = defaultdict(int)
        self.failed: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a phase of a test."""
        module = report.nodeid.partition("::")[0]
        self.seconds[module] += report.duration
        self.tests[module] += report.when == "call"
        if report.failed:
            self.failed[report.nodeid] = None
        if file := os.environ.get("AGENTAUTH_TIMES"):
            line = {
                "test": report.nodeid, "phase": report.when, "seconds": report.duration,
                "start": report.start, "worker": getattr(report, "worker_id", None),
                "outcome": report.outcome,
            }  # fmt: skip
            with Path(file).open("a") as lines:
                lines.write(json.dumps(line) + "\n")

    def pytest_sessionfinish(self) -> None:
        """Tell `make/test` what failed."""
        if file := os.environ.get("AGENTAUTH_FAILED"):
            Path(file).write_text("".join(f"{name}\n" for name in self.failed))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say it."""
        if not self.tests:
            return
        budget = os.environ.get("AGENTAUTH_BUDGET")
        took = time.monotonic() - self.begun
        of = f" of {budget}:00" if budget else ""
        terminalreporter.section(f"tests took {_clock(took)}{of} (minutes:seconds)")
        slowest = sorted(self.seconds.items(), key=lambda entry: -entry[1])[:_NAMED]
        for module, seconds in slowest:
            tests = self.tests[module]
            terminalreporter.line(f"{_clock(seconds):>7} in {tests:3} tests of {module}")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Times(), "agentauth-times")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
