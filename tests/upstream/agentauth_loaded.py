"""A pytest plugin for other projects' suites: our extension is in each server that they start.

It is enabled as in an installation, by the file that the package brings, which
``JUPYTER_CONFIG_PATH`` leads to. Here it is only seen to: a suite in whose servers it is not
loaded proves nothing, so that fails the run.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

# Imported whether or not a suite has a server: terminado's own has none of Jupyter's.
from jupyter_agentauth.server import app  # noqa: F401
from jupyter_agentauth.terminals import AgentTerminals

servers = {"with": 0, "without": 0, "terminals": 0}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Look at the server of a test, while it is there."""
    try:
        return (yield)
    finally:
        from jupyter_server.serverapp import ServerApp

        server = ServerApp._instance
        if server is not None and getattr(server, "web_app", None) is not None:
            settings = server.web_app.settings
            servers["with" if "agentauth_sessions" in settings else "without"] += 1
            servers["terminals"] += isinstance(settings.get("terminal_manager"), AgentTerminals)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in how many servers it was."""
    loaded, absent = servers["with"], servers["without"]
    terminalreporter.write_line(
        f"jupyter_agentauth was loaded in {loaded} of {loaded + absent} servers, and made the "
        f"terminal manager of {servers['terminals']}"
    )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run whose servers were all without it."""
    if servers["without"] and not servers["with"]:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
