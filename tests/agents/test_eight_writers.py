"""Many containers of one agent write to one store at once, and no file is torn.

Each adds servers to the agent's settings by the CLI's own command; then all ask the model at
once, and a ninth. The yardstick is the same on a plain directory, by eight processes of the CLI
in one container. Writes that were kept, in six runs on two busy cores:

=======================  ===============  ================  ===============================
CLI                      plain directory  eight containers  seen by a reader meanwhile
=======================  ===============  ================  ===============================
Claude Code 2.1.331      24 of 24         24 of 24          whole files
Codex 0.169.0            20 to 24 of 24   22 to 24 of 24    whole files
Gemini CLI 0.61.0        2 to 4 of 8      2 to 4 of 8       whole or empty `settings.json`
Copilot CLI 1.0.102      16 of 16         16 of 16          whole files
=======================  ===============  ================  ===============================

Codex and Gemini CLI lose writes by themselves, since they do not lock their settings; Gemini CLI
empties the file first, and in two of the runs a start that met it so ended with a sentence.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conformance_agents import SLOW, of
from conformance_bench import PROMPT, Bench
from soak import small_or_large
from store_watch import Watch, parsed, settings_files

from jupyter_agentauth.known_agents import BUILT_IN

#: Two in each run, eight in ``make soak``.
of_many = small_or_large("many", 2, 8, ("two", "eight"), "eight containers compute at once")

EIGHT_WRITE = (
    "containers write to one store at once: no file is torn (Gemini CLI's settings are empty for "
    "moments), and all work (two in `make test`, eight in `make soak`)"
)

Ended = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Writer:
    """How an agent's CLI writes to its settings.

    Parameters
    ----------
    add : str
        In a shell: adds the server ``$name``.
    times : int
        By each container.
    file, key : str
        Where the servers then stand, below HOME and in that file.
    floor : int
        How many writes are kept at least, of all, on a plain directory, too.
    empties : tuple of str
        Files that its CLI empties before it writes them anew; it may refuse to start then.
    """

    add: str
    times: int
    file: str
    key: str
    floor: int
    empties: tuple[str, ...] = ()

    def servers(self, bench: Bench, profile: str) -> int:
        """Count the servers that stand in the file."""
        return len(parsed(bench.stored(self.file, profile)).get(self.key, {}))


WRITERS = {
    "claude": Writer(
        "claude mcp add --scope user $name -- true", 3, ".claude/.claude.json", "mcpServers", 18
    ),
    "codex": Writer("codex mcp add $name -- true", 3, ".codex/config.toml", "mcp_servers", 12),
    "gemini": Writer(
        "gemini mcp add --scope user $name true",
        1,
        ".gemini/settings.json",
        "mcpServers",
        1,
        ("settings.json", "projects.json", "state.json"),
    ),
    "copilot": Writer(
        "copilot mcp add $name -- true", 2, ".copilot/mcp-config.json", "mcpServers", 14
    ),
}


@pytest.mark.claim(EIGHT_WRITE)
@of(*WRITERS, soak=SLOW)
@of_many
@pytest.mark.timeout(600)
def test_many_containers_lose_no_more_than_as_many_processes_on_a_plain_directory(
    bench: Bench, many: int
):
    writer = WRITERS[bench.agent.name]
    bench.be_signed_in()
    shutil.copytree(bench.stored(""), bench.stored("", "plain"), symlinks=True)
    _let_it_write(writer, bench.agent.name)
    directory = bench.stored(writer.file).parent

    with Watch(bench.stored(writer.file, "plain").parent) as plainly:
        alone = bench.run(bench.a, "writers", *map(str, range(many)), profile="plain")
    with Watch(directory) as shared:
        written = _at_once(bench, many, lambda number: ("writers", str(number)))
    plain, kept = writer.servers(bench, "plain"), writer.servers(bench, "default")
    refused = [_refused([alone]), _refused(written)]
    total = writer.times * many
    print(f"of {total}: plain {plain} ({plainly}), shared {kept} ({shared}), refused {refused}")

    assert not plainly.torn + shared.torn
    assert set(plainly.empty + shared.empty) <= set(writer.empties)
    assert not any(refused) or writer.empties, written
    assert min(plain, kept) >= writer.floor * many // 8
    assert kept >= plain - total // 2
    for file in settings_files(directory):
        parsed(file)
    asked = _at_once(bench, many, lambda number: _prompt(bench))
    assert [done.returncode for done in asked] == [0] * many, asked
    assert len(_answered(bench)) >= many
    _works_in_a_further_one(bench)


@pytest.mark.claim(EIGHT_WRITE)
@of("opencode", soak=SLOW)
@of_many
@pytest.mark.timeout(600)
def test_many_containers_of_opencode_keep_all_their_sessions_in_one_whole_database(
    bench: Bench, many: int
):
    """Its settings are not written by commands; a session is, into SQLite."""
    bench.be_signed_in()
    directory = bench.stored(".local/share/opencode")
    with Watch(directory) as shared:
        ended = _at_once(bench, many, lambda number: _prompt(bench))
    assert [done.returncode for done in ended] == [0] * many, ended
    assert not any("locked" in done.stdout + done.stderr for done in ended)
    assert not shared.torn + shared.empty

    with closing(sqlite3.connect(directory / "opencode.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        stored = {row[0] for row in database.execute("SELECT id FROM session")}
    listed = bench.run(bench.a, "session", "list", "--format", "json")
    assert {session["id"] for session in json.loads(listed.stdout)} == stored
    assert len(stored) == many
    _works_in_a_further_one(bench)


def _let_it_write(writer: Writer, agent: str) -> None:
    """Make the agent's command one that writes, once for each number, when it is told so."""
    adds = (
        f'for n in $(seq {writer.times}); do name="s$1-$n"; {writer.add} || echo {_REFUSED}; done'
    )
    script = (
        f"add() {{ {adds}; }}\n"
        f'[ "$1" = writers ] || exec {agent} "$@"\n'
        'shift; for i in "$@"; do add "$i" & done; wait'
    )
    config = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "jupyter_server_config.py"
    command = ["sh", "-c", script, agent]
    with config.open("a") as file:
        file.write(f"c.AgentAuth.agents.setdefault({agent!r}, {{}})['command'] = {command!r}\n")


_REFUSED = "the-cli-refused"


def _refused(ended: list[Ended]) -> int:
    return sum(done.stdout.count(_REFUSED) for done in ended)


def _prompt(bench: Bench) -> tuple[str, ...]:
    headless = BUILT_IN[bench.agent.name].headless
    return tuple(word.replace("{prompt}", PROMPT) for word in headless)


def _at_once(bench: Bench, many: int, words: Callable[[int], tuple[str, ...]]) -> list[Ended]:
    """Run many containers, of two worktrees."""

    def one(number: int) -> Ended:
        return bench.run(bench.a if number % 2 else bench.b, *words(number))

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def _answered(bench: Bench) -> list[object]:
    carried = bench.agent.credential
    return [r for r in bench.provider.requests if r.model and r.carries(carried)]


def _works_in_a_further_one(bench: Bench) -> None:
    done, requests = bench.ask(bench.b)
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(request.model and request.carries(bench.agent.credential) for request in requests)
    assert bench.signed_in()
