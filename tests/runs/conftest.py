"""Runs: a module's tests share a home, a repository and a server."""

from shared_by_module import (  # noqa: F401
    agentauth,
    bench,
    containers,
    home,
    repository,
    run_server,
    server,
    tidy,
)
