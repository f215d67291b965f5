"""What would be read as something else is shown as what it is: in outputs, tables and commands."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_agentauth.cli_output import fail, print_table, shell_word, warn
from jupyter_agentauth.kernel.agents_table import AgentsTable
from jupyter_agentauth.kernel.panel_state import PanelState
from jupyter_agentauth.kernel.panel_text import session_text, worktree_options
from jupyter_agentauth.kernel.run_html import run_html
from jupyter_agentauth.kernel.run_text import run_text
from jupyter_agentauth.kernel.show import SESSION_MIME, session_bundle
from jupyter_agentauth.text.visible import NOTE, has_hidden, visible

HIDDEN = [
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    *"\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2063\u115f\u3164\u034f",
    *"\U000e0001\U000e0041\U000e007f\U000e0100\ufe00\ufe0f\ufff9\u2028\u2029",
    *"\x00\x07\x08\x0f\x1b\x7f\x85\x9b\udc80\ud800",
]

ORDINARY = [
    "plain text, tabs\tand\nlines",
    "Größe, naïve, Ελληνικά, 日本語, עברית, العربية",
    "👩\u200d💻 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 ©\ufe0f ☀\ufe0f 🏳\ufe0f\u200d🌈",
    "lines of Windows\r\n",
]


@pytest.mark.parametrize("hidden", HIDDEN, ids=ascii)
def test_a_character_that_is_not_seen_is_shown_by_its_number(hidden):
    for lines in (False, True):
        assert visible(f"a{hidden}b", lines) == f"a[U+{ord(hidden):04X}]b"
        assert has_hidden(f"a{hidden}b", lines)


@pytest.mark.parametrize("text", ORDINARY)
def test_other_languages_pictures_and_lines_stay_as_they_are(text):
    assert visible(text, lines=True) == text
    assert not has_hidden(text, lines=True)


def test_an_end_of_a_line_is_shown_in_a_name_and_a_lone_return_in_a_diff():
    assert visible("a\r\nb\tc") == "a[U+000D][U+000A]b[U+0009]c"
    assert visible("+ok\revil\r\n", lines=True) == "+ok[U+000D]evil\r\n"


SWAPPED = "if access != 'user\u202e \u2066// admin\u2069 \u2066' {"
NAME = "invoice\u202etxt.exe"


def run(**told: Any) -> Any:
    known = {
        "agent": "codex", "worktree": "/src/x", "share_auth": False, "warnings": [],
        "state": "done", "ended": True, "elapsed": 1.0, "usage": None, "problem": None,
        "reason": None, "events": [], "changes": [], "diff": "",
    }  # fmt: skip
    return SimpleNamespace(**{**known, **told})


def change(path: str) -> Any:
    return SimpleNamespace(path=path, status="added", added=1, removed=0)


def test_a_runs_diff_and_its_files_show_directional_marks_with_a_warning():
    shown = run_html(run(changes=[change("a")], diff="+" + SWAPPED))
    assert "[U+202E] [U+2066]// admin" in shown
    assert NOTE in shown
    for render in (run_html, run_text):
        shown = render(run(changes=[change(NAME)]))
        assert "invoice[U+202E]txt.exe" in shown
        assert NOTE in shown
        assert NOTE not in render(run(changes=[change("plain.txt")], diff="+a\r\n"))


def test_no_output_of_a_run_has_a_mark_that_a_page_or_a_console_obeys():
    hostile = "".join(HIDDEN)
    told = run(
        agent=f"a{hostile}", worktree=f"/src/{hostile}", warnings=[hostile], problem=hostile,
        state="failed", changes=[change(hostile)], diff=f"+{hostile}",
        events=[
            {"type": "text", "text": hostile},
            {"type": "tool", "id": "1", "name": hostile, "input": [hostile], "output": hostile},
        ],
    )  # fmt: skip
    for output in (run_html(told), run_text(told)):
        assert not has_hidden(output, lines=True)
        output.encode()


SESSION = {
    "id": "ab12", "agent": "claude", "profile": "default", "worktree": f"/src/{NAME}",
    "share_auth": True, "terminal": "agentauth_ab12", "warnings": [], "state": "exited",
    "exit_code": 0, "started": "2026-01-01T00:00:00",
}  # fmt: skip

WORKTREE = {
    "path": f"/src/{NAME}", "repo": f"/src/{NAME}", "branch": f"fix/{NAME}", "head": "",
    "changes": 2, "sessions": ["ab12"], "main": True,
}  # fmt: skip


def test_the_tables_of_a_notebook_show_marks_in_branches_and_paths_with_a_warning():
    table = AgentsTable([], [SESSION], [WORKTREE], {})
    for output in (table.text(), table.html()):
        assert output.count("fix/invoice[U+202E]txt.exe") == 1
        assert output.count(NOTE) == 2  # Of the sessions, and of the worktrees.
        assert not has_hidden(output, lines=True)
    plain = {"branch": "x", "path": "/x", "head": "", "changes": 0, "sessions": []}
    assert NOTE not in AgentsTable([], [], [plain], {}).text()


def test_the_panel_and_a_sessions_output_show_marks_in_what_they_name():
    state = PanelState().read("worktrees", [WORKTREE])
    told = json.dumps(session_bundle(SESSION, address="http://localhost/"), ensure_ascii=False)
    labels = " ".join(label for label, _ in worktree_options(state, "/src"))
    for text in (told, labels, session_text(SESSION, state)):
        assert "[U+202E]" in text
        assert not has_hidden(text)
    assert SESSION_MIME in told


def test_the_commands_tables_and_sentences_show_marks(capsys):
    print_table([("ID", "WORKTREE"), ("1", NAME), ("2", "a\x1b[2Jb\nc")])
    warn([f"{NAME} is odd."])
    fail(f"{NAME} is not there.")
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["1   invoice[U+202E]txt.exe", "2   a[U+001B][2Jb[U+000A]c"]
    assert NOTE in err
    assert err.count("invoice[U+202E]txt.exe") == 2
    assert not has_hidden(out + err, lines=True)


@pytest.mark.parametrize(
    "word", ["plain", "with space", "it's", NAME, "a\nb\x1b[2J'\\", "\udcff\udcfe", "-x=\u202e1"]
)
def test_a_planned_command_line_prints_no_escape_and_means_the_same_to_a_shell(word):
    shown = shell_word(word)
    assert shown.isprintable()
    said = subprocess.run(["bash", "-c", f"printf %s {shown}"], capture_output=True, check=True)
    assert said.stdout == word.encode(errors="surrogateescape")


def test_an_ordinary_word_of_a_command_line_is_quoted_as_ever():
    assert shell_word("a b") == shlex.quote("a b")


def test_who_is_signed_in_is_not_told_as_no_where_it_cannot_be_determined():
    why = (
        "Whether it is signed in can't be determined: /x/auth.json is larger than 8 MB: remove it."
    )
    profiles = [
        {"name": "default", "signed_in": None, "expires": None, "problem": why},
        {"name": "work", "signed_in": True, "expires": None, "problem": None},
    ]
    agent = {"name": "codex", "title": "Codex", "problem": None, "profiles": profiles}
    shown = AgentsTable([agent], [], [], {}).text()
    assert re.search(r"codex +Codex +default\?, work +yes", shown)
    assert f"codex: {why}" in shown
