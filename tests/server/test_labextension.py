"""The labextension as it comes with the package: prebuilt, enabled, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLACE = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "jupyter-agentauth"

#: Of all its code and styles together; the JupyterLab page loads it at every start.
LARGEST = 150_000


def test_it_is_enabled_by_installing_the_package():
    command = [str(Path(sys.executable).parent / "jupyter"), "labextension", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [line] = [line for line in done.stderr.splitlines() if "jupyter-agentauth" in line]
    assert "enabled" in line
    assert "OK" in line
    assert "(python, jupyter_agentauth)" in line


def test_its_bundle_is_small():
    scripts = list((PLACE / "static").glob("*.js"))
    assert scripts
    assert sum(script.stat().st_size for script in scripts) < LARGEST


def test_it_names_no_address_of_another_machine():
    for script in (PLACE / "static").glob("*.js"):
        text = script.read_text()
        for scheme in ("http://", "https://", "wss://"):
            for address in text.split(scheme)[1:]:
                # Names of schemas and of XML, which nothing is loaded from.
                assert address.startswith(("events.jupyter.org/", "www.w3.org/", r"events\.")), (
                    script.name,
                    address[:60],
                )


@pytest.mark.parametrize("key", ["name", "version", "license"])
def test_what_it_is_stands_beside_it(key):
    package = json.loads((PLACE / "package.json").read_text())
    assert package[key]
    assert json.loads((PLACE / "install.json").read_text())["packageName"] == "jupyter_agentauth"
