"""The page: the tests share a browser, a home, a repository and a JupyterLab."""

from __future__ import annotations

import pytest
from browser import browser, page  # noqa: F401
from lab_room import (  # noqa: F401
    containers,
    home,
    lab,
    ports,
    repository,
    start_lab,
    tidy,
    user_settings,
)


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Playwright's loop is this process's; pytest-jupyter would make one and end it."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """No server runs in this process."""
