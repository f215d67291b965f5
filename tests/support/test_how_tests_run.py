"""The tests' own rules hold in several processes, too (`no_skips.py`, `turns.py`)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = """
import pytest

def test_skips(): pytest.skip("why")

@pytest.mark.skipif(True, reason="why")
def test_marked(): pass

def test_plain(): pass
"""

SKIPPED_AS_A_WHOLE = """
import pytest

pytest.importorskip("no_such_module")

def test_plain(): pass
"""

TIMED = """
import time
import pytest

def note(name):
    begun = time.monotonic()
    time.sleep(0.2)
    with open("times", "a") as file:
        file.write(f"{name} {begun} {time.monotonic()}\\n")

@pytest.mark.parametrize("number", range(6))
def test_beside_others(number): note("beside")

@pytest.mark.alone("why")
@pytest.mark.parametrize("number", range(3))
def test_alone(number): note("alone")
"""


def run(directory: Path, plugin: str, **environment: str) -> str:
    """Run a directory's tests in two processes, and return what pytest said."""
    # A copy, since what it locks lies beside it, and this test holds that itself.
    shutil.copy(Path(__file__).with_name(f"{plugin}.py"), directory)
    words = ["-m", "pytest", "-p", plugin, "-p", "no:cacheprovider", "-n", "2"]
    environment = {**os.environ, "PYTHONPATH": str(directory), **environment}
    done = subprocess.run(
        [sys.executable, *words, f"--basetemp={directory / 'temporary'}"],
        cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_in_ci_what_is_skipped_fails_and_nowhere_else(tmp_path):
    (tmp_path / "test_one.py").write_text(SKIPPED)
    (tmp_path / "test_whole.py").write_text(SKIPPED_AS_A_WHOLE)
    said = run(tmp_path, "no_skips", CI="true")
    assert "1 failed, 1 passed, 2 errors" in said, said
    assert "1 passed, 3 skipped" in run(tmp_path, "no_skips", CI="")


def test_a_test_that_is_alone_has_no_other_beside_it(tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = alone\n")
    (tmp_path / "test_timed.py").write_text(TIMED)
    said = run(tmp_path, "turns")
    assert "9 passed" in said, said
    times = [
        (name, float(begun), float(ended))
        for name, begun, ended in re.findall(
            r"(\w+) (\S+) (\S+)\n", (tmp_path / "times").read_text()
        )
    ]
    alone = [when for when in times if when[0] == "alone"]
    assert len(alone) == 3
    for one in alone:
        assert not [other for other in times if other != one and _overlap(one, other)]


def _overlap(one: tuple[str, float, float], other: tuple[str, float, float]) -> bool:
    return one[1] < other[2] and other[1] < one[2]
