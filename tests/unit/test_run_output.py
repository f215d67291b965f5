"""A run as it is shown and saved: what an agent writes does nothing in a page or a console."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_agentauth.kernel.agents_table import AgentsTable
from jupyter_agentauth.kernel.markdown import markdown_html
from jupyter_agentauth.kernel.run_html import run_html
from jupyter_agentauth.kernel.run_text import run_text
from jupyter_agentauth.kernel.show import SESSION_MIME, session_bundle

KEY = "sk-ant-api03-0123456789abcdef"


def run(*lines: dict[str, Any], **state: Any) -> Any:
    """A run that has ended, with what its agent said."""
    known = {
        "agent": "codex", "worktree": "/src/fix-typo", "share_auth": False, "warnings": [],
        "state": "done", "seconds": 83.4, "usage": None, "problem": None, "reason": None,
        "changes": [], "diff": "", "events": list(lines),
    }  # fmt: skip
    told = {**known, **state}
    ended = told["state"] not in ("starting", "running")
    return SimpleNamespace(**{"ended": ended, "elapsed": told["seconds"], **told})


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def tool(identity: str, output: str | None, **told: Any) -> dict[str, Any]:
    return {"type": "tool", "id": identity, "name": "shell", "input": told, "output": output}


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src='//evil'></iframe>",
    "<style>body{display:none}</style>",
    "</div></div><h1>out</h1>",
    '```"><script>alert(1)</script>\nx\n```',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.test/)",
    "[x](/api/shutdown)",
    "[x](vbscript:x)",
    "![x](https://evil.test/pixel.png)",
    "![x](javascript:alert(1))",
    "[a]: javascript:alert(1)\n\n[a]",
    '[x](https://a.test "\\"onmouseover=alert(1) ")',
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["text", "tool", "path", "diff", "problem", "warning", "agent"])
def test_nothing_that_an_agent_writes_becomes_code_of_the_page(hostile, place):
    change = SimpleNamespace(path=hostile, status="added", added=1, removed=None)
    shown = run_html(
        {
            "text": lambda: run(text(hostile)),
            "tool": lambda: run(tool(hostile, hostile, command=hostile)),
            "path": lambda: run(changes=[change]),
            "diff": lambda: run(changes=[change], diff="+" + hostile),
            "problem": lambda: run(state="failed", problem=hostile),
            "warning": lambda: run(warnings=[hostile]),
            "agent": lambda: run(agent=hostile, worktree="/src/" + hostile),
        }[place]()
    )
    tags = re.findall(r"<[^>]*>", shown)
    names = {re.match(r"</?(\w*)", tag)[1] for tag in tags}
    assert names <= {
        "div", "strong", "span", "p", "a", "pre", "code", "details", "summary", "table", "tr",
        "td", "h1",
    } - ({"h1"} if hostile.startswith("<") else set())  # fmt: skip
    for tag in tags:
        attributes = dict(re.findall(r' ([\w-]+)="([^"]*)"', tag))
        left = re.sub(r' [\w-]+="[^"]*"', "", tag)
        assert re.fullmatch(r"</?\w+ ?/?>", left), tag
        assert set(attributes) <= {"class", "style", "href", "title", "target", "rel", "role"}
        assert attributes.get("href", "https://").startswith(("http://", "https://"))
        assert attributes.get("rel", "noopener").startswith("noopener")


def test_markdown_is_rendered():
    shown = run_html(
        run(text("# Done\n\n- **a**\n\n| x |\n|---|\n| `y` |\n\n[z](https://a.test/)"))
    )
    for part in ("<h1>Done</h1>", "<strong>a</strong>", "<table>", "<code>y</code>"):
        assert part in shown
    assert 'href="https://a.test/"' in shown


ESCAPES = "a\x1b[31mb\x1b]0;title\x07c\x1b]52;c;eA==\x1b\\d\x9b2Je\x00f\x08g\rh\u202ei\x1b"


def test_a_console_gets_no_escape_of_an_agent():
    change = SimpleNamespace(path=ESCAPES, status="added", added=1, removed=2)
    shown = run(
        text(ESCAPES), tool("1", ESCAPES, command=ESCAPES), changes=[change], diff=ESCAPES,
        warnings=[ESCAPES], problem=ESCAPES, worktree="/src/" + ESCAPES, agent=ESCAPES,
    )  # fmt: skip
    for output in (run_text(shown), run_html(shown)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", output)
        assert "title\x07" not in output
    assert "abcd" in run_text(shown)


def test_a_key_that_an_agent_repeats_is_not_shown(monkeypatch):
    monkeypatch.setenv("MY_API_KEY", "correct-horse-battery")
    change = SimpleNamespace(path=KEY, status="added", added=1, removed=2)
    both = f"{KEY} correct-horse-battery"
    shown = run(
        text(both), tool("1", both, command=both), changes=[change], diff=f"+{both}",
        problem=both, warnings=[both],
    )  # fmt: skip
    # It comes in pieces, too.
    pieces = run(*(text(character) for character in both))
    for output in (run_text(shown), run_html(shown), run_text(pieces), run_html(pieces)):
        assert KEY not in output
        assert "battery" not in output
        assert "[hidden]" in output


def test_five_megabytes_are_shown_in_bounds_and_soon_and_the_output_says_where_the_rest_is(
    monkeypatch: pytest.MonkeyPatch,
):
    long = run(*(text("word " * 200 + "\n") for _ in range(5000)), text("the end"))
    parsed: list[int] = []
    module = "jupyter_agentauth.kernel.run_html.markdown_html"
    monkeypatch.setattr(module, lambda text: parsed.append(len(text)) or markdown_html(text))
    shown = run_html(long, name="fix"), run_text(long, name="fix")
    assert sum(parsed) <= 60_000  # What takes the time is bounded, too.
    for output in shown:
        assert len(output) < 150_000
        assert "the end" in output
        assert re.search(
            r"The first 4,9\d\d,\d\d\d characters are left out here: `fix.text`", output
        )


def test_many_tools_long_inputs_and_long_diffs_are_shown_in_bounds():
    many = [tool(str(n), "x" * 100_000, command="y" * 100_000) for n in range(2000)]
    change = SimpleNamespace(path="a", status="added", added=1, removed=2)
    long = run(*many, text("end"), changes=[change] * 5000, diff="+x\n" * 1_000_000)
    assert len(run_html(long)) < 1_000_000
    assert len(run_text(long)) < 100_000
    assert "more files are in `run.changes`" in run_html(long)
    assert "more characters are in `run.diff`" in run_html(long)


def test_a_text_that_is_cut_inside_of_a_code_block_goes_on_as_code():
    shown = run_html(run(text("start\n```\n" + "<b>x</b> **y**\n" * 9000 + "```\n\n**after**")))
    assert "<strong>y</strong>" not in shown
    assert "<strong>after</strong>" in shown


def test_tools_are_folded_where_they_happened():
    shown = run_html(
        run(
            text("first"),
            tool("1", None, command="ls"),
            tool("1", "a b", command="ls"),
            text("2nd"),
        )
    )
    assert shown.count("<details") == 1
    assert shown.index("first") < shown.index("shell: ls") < shown.index("a b") < shown.index("2nd")


def test_a_tool_at_work_and_one_without_output_look_so():
    assert "</code> …" in run_html(run(tool("1", None), state="running", seconds=None))
    ended = run(tool("1", None), tool("1", None), state="running", seconds=None)
    assert "</code> …" not in run_html(ended)
    assert "</code> …" not in run_html(run(tool("1", None), state="cancelled"))


@pytest.mark.parametrize("render", [run_html, run_text])
def test_time_tokens_cost_files_and_lines_are_shown(render):
    changes = [
        SimpleNamespace(path="a.py", status="modified", added=3, removed=1),
        SimpleNamespace(path="logo.png", status="added", added=None, removed=None),
    ]
    usage = {"input_tokens": 12345, "output_tokens": 67, "cached_tokens": None, "cost": 0.0123}
    shown = render(run(usage=usage, changes=changes, diff="+x", share_auth=True))
    for part in (
        "Codex · fix-typo", "1 min 23 s", "12,345 in", "67 out", "$0.0123", "a.py", "logo.png",
        "2 files changed, +3 \N{MINUS SIGN}1", "Agent credentials are shared across containers.",
    ):  # fmt: skip
        assert part in shown


@pytest.mark.parametrize("render", [run_html, run_text])
def test_a_failed_run_keeps_what_it_said_and_says_why(render):
    shown = render(run(text("So far"), state="failed", problem="The model is not available."))
    assert "So far" in shown
    assert shown.count("The model is not available.") == 1


@pytest.mark.parametrize("render", [run_html, run_text])
def test_a_run_that_goes_on_shows_the_time_since_its_start(render):
    shown = render(run(state="running", seconds=None, elapsed=7.3))
    assert "running, 7 s" in shown
    assert "changed" not in shown


SESSION = {
    "id": "ab12", "agent": "claude", "profile": "default", "worktree": "/src/fix-typo",
    "share_auth": True, "terminal": "agentauth_ab12", "warnings": [],
}  # fmt: skip


def test_the_output_of_a_session_names_it_and_how_it_is_reached():
    bundle = session_bundle(SESSION, address="http://localhost:8888/")
    assert set(bundle) == {SESSION_MIME, "text/plain"}
    assert bundle[SESSION_MIME] == {
        "session": "ab12",
        "title": "Claude Code · fix-typo",
        "inline": False,
    }
    for part in (
        "Claude Code runs in /src/fix-typo", "http://localhost:8888/terminals/agentauth_ab12",
        "jupyter agentauth stop ab12",
    ):  # fmt: skip
        assert part in bundle["text/plain"]


def test_the_table_escapes_what_others_named():
    hostile = "<script>x</script>\x1b[2J"
    table = AgentsTable(
        [{"name": hostile, "title": hostile, "problem": hostile, "mend": hostile,
          "profiles": [{"name": hostile, "signed_in": True}]}],
        [{**SESSION, "agent": hostile, "worktree": "/" + hostile, "state": "exited",
          "exit_code": 1, "started": "2026-01-01T00:00:00", "problem": hostile}],
        [{"path": hostile, "branch": hostile, "head": "", "changes": 2, "sessions": ["ab12"]}],
        {"share_auth": True},
    )  # fmt: skip
    assert "<script" not in table.html()
    assert "\x1b" not in table.html() + table.text()
    assert "Agent credentials are shared across containers." in table.text()
