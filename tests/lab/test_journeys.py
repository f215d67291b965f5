"""What a user does over several places of the page: signing in once, and working in a worktree."""

from __future__ import annotations

import re

from command_line import FAKE_KEY, git
from lab_page import picture, wait_for_text
from lab_panel import open_panel, section, show_side_panel
from lab_tabs import enter, enter_directory, screen, tab, tile
from playwright.sync_api import Page, expect


def choose(page: Page, key: str, seen: str) -> None:
    """Press a key until it is taken: a dialogue that was just drawn may not listen yet."""
    for _ in range(20):
        page.keyboard.press(key)
        if _is_seen(page, seen):
            return
    wait_for_text(page, seen)


def _is_seen(page: Page, text: str) -> bool:
    rows = screen(page).get_by_text(text).first
    try:
        expect(rows).to_be_attached(timeout=2000)
    except AssertionError:
        return False
    return True


def open_in(page: Page, directory: str, agent: str) -> None:
    """Go to a directory and click an agent's tile."""
    enter_directory(page, directory)
    page.keyboard.press("Control+Shift+L")
    tile(page, agent).locator("visible=true").first.click()
    expect(tab(page, f"{agent} · {directory}")).to_be_visible()


def test_a_sign_in_made_in_one_tab_holds_in_another_worktrees(lab, page):
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    page.goto(lab.url)
    open_in(page, "a", "Codex")
    expect(page.locator(".jp-AgentAuth-tab:visible")).to_contain_text(
        "Agent credentials are shared across containers."
    )
    wait_for_text(page, "Sign in another way")
    page.locator(".jp-Terminal:visible").click()
    choose(page, "3", "Use an OpenAI API key")
    choose(page, "1", "Paste or type your API key")
    page.keyboard.type(FAKE_KEY)
    choose(page, "Enter", "Ask Codex to do anything")
    agents = {agent["name"]: agent for agent in lab.request("GET", "agentauth/api/agents")}
    assert agents["codex"]["signed_in"]

    codex = section(show_side_panel(page), "Agents").get_by_role("listitem")
    expect(codex.filter(has_text="Codex").first).to_contain_text(
        re.compile(r"(?<!not )signed in", re.IGNORECASE)
    )
    page.get_by_role("tab", name=re.compile("^File Browser")).click()
    page.locator(".jp-BreadCrumbs-home").click()
    open_in(page, "b", "Codex")
    # Past its sign-in: the folder's question is answered for a session's own worktree.
    wait_for_text(page, "Ask Codex to do anything")
    assert "Sign in" not in screen(page).inner_text()
    picture(page, "signed-in-once")


def test_a_worktree_takes_ignored_files_along_is_worked_in_looked_at_and_removed_from_the_panel(
    lab, page, repository
):
    (repository / ".git" / "info" / "exclude").write_text(".env\n*.log\n")
    (repository / ".env").write_text("TOKEN=from-main\n")
    git(repository, "worktree", "add", "--quiet", "-b", "spare", str(repository.parent / "spare"))
    for number in range(9):  # So many are filtered.
        (repository / f"{number}.log").write_text("x" * number)
    panel = open_panel(page, lab)
    worktrees = section(panel, "Worktrees")
    worktrees.get_by_role("button", name="New worktree of main…").click()
    dialog = page.get_by_role("dialog")
    branch = dialog.get_by_label("Branch")
    expect(branch).to_be_focused()
    # Leaving the empty field says what it lacks, and moves nothing from under the mouse.
    dialog.get_by_label(".env").check()
    expect(dialog).to_contain_text("Give the branch a name.")
    dialog.get_by_label("How .env is taken along").select_option("mount")
    expect(dialog).to_contain_text("A plain link would lead nowhere in the container")
    dialog.get_by_label("Filter the files").fill("8.l")
    expect(dialog.get_by_role("checkbox")).to_have_count(1)
    dialog.get_by_label("8.log").check()
    branch.fill("a")
    expect(dialog).to_contain_text("a is checked out in another worktree: take another name.")
    branch.fill("fix/typo")
    place = repository.parent / "main.worktrees" / "fix-typo"
    expect(dialog.get_by_label("Directory")).to_have_attribute("placeholder", str(place))
    dialog.get_by_label("Filter the files").fill("")
    picture(page, "new-worktree")
    dialog.get_by_role("button", name="Make it").click()
    made = worktrees.get_by_role("listitem").filter(has_text="fix/typo").first
    expect(made).to_contain_text("no changes")
    assert (place / "8.log").read_text() == "x" * 8
    assert (place / ".env").is_symlink()

    made.get_by_role("button", name="Open an agent in fix/typo…").click()
    dialog.get_by_label("Agent", exact=True).select_option("bash")
    dialog.get_by_role("button", name="Open").click()
    expect(tab(page, "Shell · fix/typo")).to_be_visible()
    wait_for_text(page, "agent@")
    enter(page, "cat .env; echo new > note.txt; git status --short")
    wait_for_text(page, "TOKEN=from-main")
    expect(made).to_contain_text("1 file changed")
    made.get_by_role("button", name=re.compile("show the changes")).click()
    expect(page.locator("#jp-main-dock-panel")).to_contain_text("note.txt")
    expect(page.locator("#jp-main-dock-panel")).to_contain_text("+new")
    picture(page, "changes")

    remove = made.get_by_role("button", name="Remove worktree fix/typo")
    remove.click()
    expect(dialog).to_contain_text("1 untracked file")
    dialog.get_by_role("button", name="Cancel").click()
    remove.press("Enter")
    dialog.get_by_role("button", name="Remove").click()
    expect(worktrees.get_by_text("fix/typo")).to_have_count(0)
    assert not place.exists()
    assert str(place) not in git(repository, "worktree", "list")
    assert lab.sessions() == []
    assert (repository / ".env").read_text() == "TOKEN=from-main\n"

    # Where there is nothing to lose, nobody is asked.
    worktrees.get_by_role("button", name="Remove worktree spare").press("Enter")
    expect(worktrees.get_by_text("spare")).to_have_count(0)
    assert not (repository.parent / "spare").exists()


def test_what_changed_in_a_worktree_is_seen_and_followed(lab, page, repository):
    a = repository.parent / "a"
    (a / "code.py").write_text("first\n")
    git(a, "add", ".")
    git(a, "commit", "--quiet", "--message=second")
    (a / "readme.txt").write_text("good morning\n")
    panel = open_panel(page, lab)
    panel.get_by_role("button", name="1 file changed in a: show the changes").click()
    changes = page.locator(".jp-AgentAuth-changes")
    files = changes.get_by_role("list", name="Changed files")
    expect(files.get_by_role("listitem")).to_have_text(re.compile(r"modified\s*readme.txt\+1.1"))
    diff = changes.get_by_role("region", name="readme.txt")
    expect(diff).to_contain_text("-hello")
    expect(diff).to_contain_text("+good morning")

    (a / "new.txt").write_text("new\n")
    panel.get_by_role("button", name="Read everything again").click()
    expect(files.get_by_role("listitem")).to_have_count(2)
    changes.get_by_label("Since it left the main branch").check()
    expect(files.get_by_role("listitem")).to_have_count(3)
    files.get_by_role("button", name="code.py").press("Enter")
    expect(changes.get_by_role("region", name="code.py")).to_be_focused()
    picture(page, "panel-changes")

    git(a, "checkout", "--quiet", ".")
    (a / "new.txt").unlink()
    changes.get_by_label("Since the last commit").check()
    changes.get_by_role("button", name="Refresh").click()
    expect(changes).to_contain_text("Nothing changed since the last commit.")
