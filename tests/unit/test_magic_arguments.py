"""How the lines of ``%agent`` and ``%%agent`` are read, and what is offered for them."""

from __future__ import annotations

import pytest

from jupyter_agentauth.kernel.completion import Known, completions
from jupyter_agentauth.kernel.magic_arguments import (
    CELL,
    LINE,
    OPTIONS,
    MagicRequest,
    WrongUsage,
    parse_line,
)
from jupyter_agentauth.kernel.magics import AgentMagics


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("claude", MagicRequest("claude")),
        ("claude --worktree fix", MagicRequest("claude", worktree="fix")),
        ("--worktree='my dir' claude", MagicRequest("claude", worktree="my dir")),
        ("claude --share", MagicRequest("claude", share=True)),
        ("claude --no-share", MagicRequest("claude", share=False)),
        ("claude -- --resume -- x", MagicRequest("claude", args=("--resume", "--", "x"))),
        ("claude --worktree w --create", MagicRequest("claude", worktree="w", create=True)),
        ("claude --profile work --resume", MagicRequest("claude", profile="work", resume=True)),
    ],
)
@pytest.mark.parametrize("magic", [LINE, CELL])
def test_options_stand_before_or_behind_the_agent(line, expected, magic):
    assert parse_line(line, magic) == expected


def test_the_cell_has_options_of_its_own():
    assert parse_line("codex --into fix --background", CELL) == MagicRequest(
        "codex", into="fix", background=True
    )
    assert parse_line("codex --inline", LINE) == MagicRequest("codex", inline=True)


@pytest.mark.parametrize(
    ("magic", "line", "said"),
    [
        (LINE, "", "%agents lists them"),
        (CELL, "--share", "Name an agent"),
        (LINE, "claude codex", "'claude' and 'codex'"),
        (LINE, "claude --worktre x", "did you mean --worktree?"),
        (LINE, "claude --into x", "it belongs to %%agent"),
        (CELL, "claude --inline", "it belongs to %agent"),
        (LINE, "claude --model opus", "stands after --"),
        (LINE, "claude -p", "stands after --"),
        (LINE, "claude --worktree", "--worktree W"),
        (LINE, "claude --worktree --create", "--worktree W"),
        (LINE, "claude --worktree=", "--worktree W"),
        (LINE, "claude --share=yes", "takes no value"),
        (LINE, "claude --share --no-share", "exclude each other"),
        (LINE, "claude --no-share --share", "exclude each other"),
        (LINE, "claude 'open", "close the quotes"),
        (LINE, "claude --create", "--worktree NAME"),
        (CELL, "codex --into a-b", "'a-b' cannot be one"),
        (CELL, "codex --into class", "'class' cannot be one"),
        (CELL, "codex --into a.b", "'a.b' cannot be one"),
    ],
)
def test_a_line_that_is_not_understood_is_one_sentence(magic, line, said):
    with pytest.raises(WrongUsage) as raised:
        parse_line(line, magic)
    assert said in raised.value.message
    assert "\n" not in raised.value.message


def test_the_help_has_every_option():
    shown = AgentMagics.agent.__doc__
    for option in OPTIONS:
        assert f"{option.name} {option.value}".strip() in shown


KNOWN = Known(
    agents=(
        {"name": "claude", "profiles": [{"name": "default"}, {"name": "work"}]},
        {"name": "codex", "profiles": [{"name": "default"}]},
    ),
    worktrees=(
        {"path": "/src/main", "repo": "/src/main", "branch": "main"},
        {"path": "/src/a", "repo": "/src/main", "branch": "fix-typo"},
        {"path": "/src/b", "repo": "/src/main", "branch": None},
        {"path": "/src/other", "repo": "/src/other", "branch": "fix-other"},
    ),
)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%agent ", ["claude", "codex"]),
        ("%agent cl", ["claude"]),
        ("%%agent --share co", ["codex"]),
        ("%agent claude --worktree ", ["main", "fix-typo", "b"]),
        ("%agent claude --worktree fi", ["fix-typo"]),
        ("%agent claude --worktree=fi", ["fix-typo"]),
        ("%agent claude --profile w", ["work"]),
        ("%agent codex --profile ", ["default"]),
        ("%agent --profile ", ["default", "work"]),
        ("%agent claude --in", ["--inline"]),
        ("%%agent claude --in", ["--into"]),
        ("%agent claude --share --s", []),
        ("%agent claude -- --wor", []),
        ("%agent claude -- ", []),
        ("%%agent claude --into na", []),
        ("%other cl", []),
        ("", []),
    ],
)
def test_what_fits_is_offered(line, offered):
    assert completions(line, lambda: KNOWN, "/src/a/deep")[1] == offered


def test_options_that_are_there_are_not_offered_again():
    _, offered = completions("%agent claude --share ", lambda: KNOWN, "/src/a")
    assert "--share" not in offered
    assert "--worktree" in offered


def test_outside_of_a_repository_the_worktrees_paths_are_offered():
    _, offered = completions("%agent claude --worktree /src/o", lambda: KNOWN, "/elsewhere")
    assert offered == ["/src/other"]


def test_without_a_server_the_built_in_agents_are_offered():
    assert completions("%agent cl", Known, "/src") == ("cl", ["claude"])
