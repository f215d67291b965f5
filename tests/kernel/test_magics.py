"""``%agent``, ``%agents`` and ``%%agent`` in a real kernel, with a real server and containers."""

from __future__ import annotations

import pytest
from notebook_cells import cells_of, eventually

SESSION = "application/vnd.jupyter-agentauth.session+json"
SHARED = "Agent credentials are shared across containers."


@pytest.fixture(scope="module")
def notebook(server, repository):
    """A notebook in worktree a."""
    with cells_of(server, repository.parent / "a") as cells:
        yield cells


@pytest.fixture
def cells(notebook):
    """The notebook as it is when it is opened."""
    notebook.begin_anew()
    return notebook


def test_a_line_opens_an_agent_in_the_notebooks_worktree_and_tells_the_page(
    cells, server, repository
):
    shown = cells.run("%agent codex")  # Without a network, Claude Code would end by itself.
    [session] = server.sessions()
    assert session["worktree"] == str(repository.parent / "a")
    assert session["state"] == "running"
    assert shown.comms == [("jupyter-agentauth", {"show": session["id"]})]
    [bundle] = shown.bundles
    assert bundle[SESSION] == {
        "session": session["id"],
        "title": "Codex · a",
        "inline": False,
    }
    for part in (session["worktree"], session["id"], f"terminals/{session['terminal']}"):
        assert part in shown.text
    assert (shown.stdout, shown.stderr, shown.error) == ("", "", [])


def test_an_inline_terminal_is_told_to_the_page_alone(cells, server):
    shown = cells.run("%agent bash --inline -- -c 'sleep 100'")
    [session] = server.sessions()
    assert shown.comms == [("jupyter-agentauth", {"inline": session["id"]})]
    assert shown.bundles[0][SESSION]["inline"] is True


def test_a_new_worktree_is_made_when_asked_for_and_sharing_is_said(cells, server, repository):
    shown = cells.run("branch = 'fix-typo'\n%agent codex --worktree {branch} --create --share")
    [session] = server.sessions()
    assert session["worktree"].endswith("/fix-typo")
    assert session["share_auth"] is True
    assert shown.stdout == f"{SHARED}\n"
    again = cells.run("%agent codex --worktree fix-typo")
    assert again.stdout == ""
    assert session["worktree"] in again.text


def test_agents_shows_agents_sessions_and_worktrees(cells, server):
    cells.run("%agent bash --worktree b -- -c 'sleep 100'")
    [session] = server.sessions()
    shown = cells.run("%agents")
    for form in (shown.text, shown.html):
        for part in (
            "Claude Code",
            "GitHub Copilot",
            session["id"],
            "running",
            session["worktree"],
        ):
            assert part in form
        assert "Sharing is off" in form
    server.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    assert SHARED in cells.run("%agents").text


#: What is typed, and what is said of it.
MISTAKES = {
    "%agent cluade": "did you mean claude",
    "%%agent cluade\ndo it": "did you mean claude",
    "%agent claude --worktree c": "there are a, main, b",
    "%%agent claude --worktree c\ndo it": "there are a, main, b",
    "%agent claude --profile 'A B'": "cannot name a profile",
    "%agent claude --worktree /etc --create": "/etc",
    "%agent claude --resume": "no %%agent of claude",
    "%%agent claude --resume\ndo it": "no %%agent of claude",
    "%%agent claude\n  \n": "the cell is empty",
    "%%agent claude --into 1\ndo it": "'1' cannot be one",
}


def test_a_mistake_is_one_sentence_and_starts_nothing(cells, server):
    cells.run("%xmode Verbose")
    for cell, said in MISTAKES.items():
        shown = cells.run(cell)
        assert said in shown.stderr
        assert shown.stderr.startswith("UsageError: ")
        assert shown.stderr.count("\n") == 1
        assert (shown.error, shown.bundles, shown.stdout, shown.comms) == ([], [], "", [])
    assert server.sessions() == []


def test_the_tab_key_offers_agents_worktrees_profiles_and_options_and_nothing_else(cells):
    assert cells.tab("%agent cl") == ["claude"]
    assert cells.tab("%%agent co") == ["codex", "copilot"]
    # What the server has not told within a moment is there at a further Tab.
    eventually(lambda: cells.tab("%agent claude --worktree ") == ["main", "a", "b"])
    assert cells.tab("%agent claude --worktree=m") == ["main"]
    assert cells.tab("%agent claude --profile ") == ["default"]
    assert cells.tab("%agent claude --in") == ["--inline"]
    assert cells.tab("%%agent claude --in") == ["--into"]
    assert "--background" in cells.tab("%%agent claude --")
    cells.run("%agent bash --worktree fix-typo --create -- -c 'sleep 100'")
    eventually(lambda: cells.tab("%agent claude --worktree f") == ["fix-typo"])


def test_the_tab_key_is_silent_when_the_server_is_gone(cells):
    cells.run("import os; os.environ['AGENTAUTH_SERVER_URL'] = 'http://127.0.0.1:9/'")
    assert cells.tab("%agent cl") == ["claude"]
    assert cells.tab("%agent claude --prof") == ["--profile"]
    assert "Traceback" not in cells.all()
    cells.restart()
    cells.run("%load_ext jupyter_agentauth")


def test_the_extension_comes_and_goes(cells):
    assert "already loaded" in cells.run("%load_ext jupyter_agentauth").stdout
    assert cells.run("%unload_ext jupyter_agentauth").stderr == ""
    assert "not found" in cells.run("%agents").stderr
    assert "claude" not in cells.tab("%agent cl")
    cells.run("%load_ext jupyter_agentauth")
    assert "Claude Code" in cells.run("%agents").text
