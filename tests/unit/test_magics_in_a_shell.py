"""The magics in a plain IPython, where no server is: mistakes are sentences."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = """
import sys
from IPython.terminal.interactiveshell import TerminalInteractiveShell
shell = TerminalInteractiveShell.instance()
failed = [not shell.run_cell(cell).success for cell in sys.argv[1:]]
print("FAILED", failed)
"""


@pytest.fixture
def ipython(tmp_path: Path):
    """Run cells in a plain IPython with a fresh home, which no server is to be found from."""

    def run(*cells: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", _SCRIPT, *cells],
            env={
                "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
                "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), **environment,
            },
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip

    return run


def test_the_extension_loads_and_says_nothing_twice_and_unloads(ipython):
    done = ipython(
        "%load_ext jupyter_agentauth", "%reload_ext jupyter_agentauth",
        "%unload_ext jupyter_agentauth", "%agents", "%load_ext jupyter_agentauth", "%agents x",
    )  # fmt: skip
    assert "FAILED [False, False, False, True, False, True]" in done.stdout
    assert "`%agents` not found" in done.stderr.splitlines()[0]
    assert "%agents takes nothing" in done.stderr.splitlines()[1]


def test_loading_asks_no_server(ipython):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        known = {"AGENTAUTH_SERVER_URL": url, "AGENTAUTH_SERVER_TOKEN": "s3cret-of-the-server"}
        done = ipython("%load_ext jupyter_agentauth", **known)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert (done.stdout.strip(), done.stderr) == ("FAILED [False]", "")


MISTAKES = [
    "%agent",
    "%agent claude --worktre x",
    "%agent claude 'open",
    "%agents everything",
    "%%agent codex\n   \n",
    "%%agent codex\n",
    "%%agent\ndo it",
    "%%agent codex --into a-b\ndo it",
    "%%agent codex --inline\ndo it",
    "%agent claude",
    "%agents",
    "%%agent codex\ndo it",
]


def test_a_mistake_and_a_server_that_is_not_there_are_one_sentence_each(ipython):
    done = ipython("%load_ext jupyter_agentauth", "%xmode Verbose", *MISTAKES)
    assert f"FAILED {[False, False, *[True] * len(MISTAKES)]}" in done.stdout
    lines = done.stderr.splitlines()
    assert len(lines) == len(MISTAKES), done.stderr
    assert all(line.startswith("UsageError: ") for line in lines)
    assert "Traceback" not in done.stdout + done.stderr
    assert all("AGENTAUTH_SERVER_URL" in line for line in lines[-3:])


def test_the_help_is_shown(ipython):
    done = ipython("%load_ext jupyter_agentauth", "%agent?", "%%agent?")
    assert done.stdout.count("%agent codex --worktree fix-typo --create") == 2
