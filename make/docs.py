"""Write what the docs tell of the agents from the table in code and from the tests.

    python make/docs.py           writes it between ``<!-- NAME -->`` and ``<!-- /NAME -->``
    python make/docs.py --check   writes nothing; exit 1 when a page is not up to date

What stands between the marks is never edited by hand; all around it is.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from jupyter_agentauth.known_agents import BUILT_IN, HOME, Agent
from jupyter_agentauth.split import CREDENTIALS_DIR, can_be_split, split_path

CHECKOUT = Path(__file__).parents[1]
PAGES = Path(str(files("jupyter_agentauth"))) / "docs" / "agents"
_MARKED = re.compile(r"<!-- (?P<name>[a-z-]+) -->\n.*?<!-- /(?P=name) -->", re.DOTALL)


def main(check: bool) -> int:
    """Write or check every page; return the exit code."""
    claims = _claims()
    blocks: dict[str, Callable[[], str]] = {
        "agents": _agents,
        "claims": lambda: _claims_table(claims),
        "not-had": lambda: _not_had(claims),
        **{f"facts-{agent.name}": lambda agent=agent: _facts(agent) for agent in BUILT_IN.values()},
    }
    stale = []
    for page in (CHECKOUT / "README.md", *sorted(PAGES.glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        new = _MARKED.sub(lambda found: _block(found["name"], blocks), text)
        if new != text:
            stale.append(page.name)
            if not check:
                page.write_text(new, encoding="utf-8")
    if check and stale:
        print(f"Not up to date: {', '.join(stale)}. `make docs` writes them.", file=sys.stderr)
    return int(check and bool(stale))


def _block(name: str, blocks: dict[str, Callable[[], str]]) -> str:
    return f"<!-- {name} -->\n{blocks[name]()}<!-- /{name} -->"


def _table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _code(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _agents() -> str:
    rows = (
        (f"`{agent.name}`", agent.title, _shared(agent), _alone(agent), agent.seen)
        for agent in BUILT_IN.values()
    )
    header = ("agent", "", "shared below its home", "with `credentials`", "seen version")
    return _table(header, rows)


def _shared(agent: Agent) -> str:
    caches = f"; cache {_code(agent.cache_dirs)}" if agent.cache_dirs else ""
    return _code(agent.auth_dirs) + caches


def _alone(agent: Agent) -> str:
    if not can_be_split(agent):
        return "nothing: it cannot be split"
    return _code(tuple(file.rpartition("/")[2] for file in agent.credential_files))


def _facts(agent: Agent) -> str:
    keys = tuple(name for name, value in agent.env.items() if value is None)
    set_here = {name: value for name, value in agent.env.items() if value is not None}
    fixed = tuple(f"{name}={value.replace(HOME, '~')}" for name, value in set_here.items())
    store = f"<auth_dir>/{agent.name}"
    rows = [
        ("Command, npm package", f"`{agent.command[0]}`, `{agent.package}`"),
        ("Version that was seen", agent.seen),
        ('Shared (`share_scope = "config"`)', _where(agent.auth_dirs, store)),
        ("Caches, shared with it", _where(agent.cache_dirs, store) or "none"),
        ('Shared (`share_scope = "credentials"`)', _where_alone(agent, store)),
        ("Variables it gets from you, if you set them", _code(keys)),
        ("Variables that are set for it", _code(fixed) or "none"),
        ("Files that are made for it", _code(tuple(agent.system_files)) or "none"),
        ("One prompt without a terminal", f"`{' '.join((*agent.command, *agent.headless))}`"),
    ]
    return _table(("", ""), iter(rows))


def _where(directories: tuple[str, ...], store: str) -> str:
    return ", ".join(f"`~/{path}` = `{store}/{path}`" for path in directories)


def _where_alone(agent: Agent, store: str) -> str:
    if not can_be_split(agent):
        return "nothing, and the session says so"
    found = ", ".join(f"`{store}/{split_path(file)}`" for file in agent.credential_files)
    how = f"`{agent.credentials_env}`" if agent.credentials_env else "links from its own places"
    return f"{found}, mounted with their directory at `~/{CREDENTIALS_DIR}` and reached by {how}"


def _claims() -> list[dict[str, object]]:
    """Ask the tests what they prove; see `tests/support/claims.py`."""
    words = [sys.executable, "-m", "pytest", "tests", "-p", "claims", "--claims", "--collect-only"]
    words += ["-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "tests" / "support")}
    done = subprocess.run(
        words, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("claims: ")]
    if done.returncode or not lines:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        sys.exit(f"The tests could not be asked what they prove:\n{said}")
    found: list[dict[str, object]] = json.loads(lines[0].removeprefix("claims: "))
    return found


def _claims_table(claims: list[dict[str, object]]) -> str:
    header = ("claim", *(f"`{name}`" for name in BUILT_IN), "test")
    rows = []
    for claim in claims:
        cells = [_where_proved(claim, name) for name in BUILT_IN]
        tests = ", ".join(f"`{test}`" for test in claim["tests"])
        rows.append((str(claim["text"]), *cells, tests))
    return _table(header, iter(rows))


def _where_proved(claim: dict[str, object], agent: str) -> str:
    """Return what runs the test of an agent: ``make test``, or ``make soak`` alone."""
    if agent in claim["agents"]:
        return "yes"
    if agent in claim["soak"]:
        return "soak"
    return "see below" if agent in claim["not_had"] else "not tested"


def _not_had(claims: list[dict[str, object]]) -> str:
    lines = [
        f'- **{BUILT_IN[agent].title}**, "{claim["text"]}": {why}\n'
        for claim in claims
        for agent, why in claim["not_had"].items()
    ]
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
