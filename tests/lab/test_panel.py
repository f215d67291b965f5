"""The side panel, its dialogs and the look at changes, in the real JupyterLab page."""

from __future__ import annotations

import os
import re
from pathlib import Path

from command_line import git
from lab_page import picture, saved_layout
from lab_panel import luminance, open_panel, section
from lab_server import LabServer
from playwright.sync_api import expect
from waiting import wait_until


def test_the_sharing_switch_holds_over_a_reload_and_a_killed_server(lab, page):
    panel = open_panel(page, lab)
    switch = panel.get_by_role("switch", name="Share sign-ins between containers")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    store = lab.request("GET", "agentauth/api/settings")["auth_dir"]
    expect(section(panel, "Sharing")).to_contain_text(
        f"Sign in once: credentials are kept in {store} and shared with every container of that "
        "agent."
    )
    picture(page, "panel-sharing-on")

    wait_until(lambda: '"current": "agentauth-panel"' in saved_layout(lab))
    page.reload()
    expect(switch).to_be_checked(timeout=60_000)  # The panel is restored with the layout.

    lab.kill()
    lab.start()
    panel = open_panel(page, lab)
    expect(panel.get_by_role("switch")).to_be_checked()
    assert lab.request("GET", "agentauth/api/settings")["share_auth"] is True


def test_the_switch_is_off_and_says_why_where_an_administrator_forbids_sharing(
    lab, page, repository, tmp_path
):
    lab.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    forbidding = LabServer(
        repository.parent, tmp_path / "forbidding.log", "--AgentAuth.allow_share_auth=False"
    )
    forbidding.start()
    try:
        panel = open_panel(page, forbidding)
        switch = panel.get_by_role("switch")
        expect(switch).to_be_disabled()
        expect(switch).not_to_be_checked()
        expect(section(panel, "Sharing")).to_contain_text("Switched off by the administrator")
        switch.click(force=True)
        expect(switch).not_to_be_checked()
        picture(page, "panel-sharing-forbidden")

        panel.get_by_role("button", name="New session…").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Sharing of the sign-in")).to_be_disabled()
        expect(dialog).not_to_contain_text("Agent credentials are shared")
    finally:
        forbidding.kill()


def test_a_session_is_listed_with_what_it_is_and_stopped_with_its_container(
    lab, page, repository, containers
):
    panel = open_panel(page, lab)
    sessions = section(panel, "Sessions")
    expect(sessions).to_contain_text("No agent runs.")
    lab.request(
        "POST", "agentauth/api/sessions",
        {"agent": "codex", "worktree": "a", "profile": "work", "share_auth": True},
    )  # fmt: skip
    item = sessions.get_by_role("listitem").filter(has_text="Codex · a").first
    for told in ("running", "just now", "profile work", "sharing on"):
        expect(item).to_contain_text(told)
    # It is at its worktree, too.
    here = section(panel, "Worktrees").get_by_role("list", name="Sessions here")
    expect(here).to_have_text("Codex")
    assert [c.state for c in containers()] == ["running"]
    picture(page, "panel-sessions")

    item.get_by_role("button", name="Stop Codex · a").click()
    expect(sessions).to_contain_text("No agent runs.")
    expect(here).to_have_count(0)
    wait_until(lambda: containers() == [])
    # Who works with the keyboard does not fall out of the panel.
    expect(sessions.get_by_role("button", name="Sessions")).to_be_focused()


def test_a_session_that_ended_says_how_and_is_forgotten(lab, page, repository):
    panel = open_panel(page, lab)
    lab.open("bash", repository, "--norc", "-c", "exit 3")
    sessions = section(panel, "Sessions")
    expect(sessions).to_contain_text("ended, exit code 3")
    sessions.get_by_role("button", name="Forget").click()
    expect(sessions).to_contain_text("No agent runs.")
    assert lab.request("GET", "agentauth/api/sessions") == []


def test_two_windows_agree(lab, page):
    panel = open_panel(page, lab)
    other = open_panel(page.context.browser.new_page(), lab)
    other.get_by_role("switch").click()
    expect(other.get_by_role("switch")).to_be_checked()
    expect(panel.get_by_role("switch")).to_be_checked()


def test_a_server_that_does_not_answer_is_said_and_read_again_when_it_does(lab, page):
    panel = open_panel(page, lab)
    lost = panel.get_by_text("The server does not answer.")
    expect(lost).to_have_count(0)
    page.context.set_offline(True)
    panel.get_by_role("button", name="Read everything again").click()
    expect(lost).to_be_visible()
    expect(section(panel, "Worktrees")).to_contain_text("main")  # As it was.
    page.context.set_offline(False)
    panel.get_by_role("button", name="Read everything again").click()
    expect(lost).to_have_count(0)


def test_an_engine_that_does_not_run_is_one_problem_with_its_mend(
    page, repository, tmp_path, monkeypatch
):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    server = LabServer(repository.parent, tmp_path / "lab.log")
    server.start()
    try:
        panel = open_panel(page, server)
        problems = section(panel, "Problems")
        sentence = problems.get_by_text("The container engine does not run")
        expect(sentence).to_have_count(1)
        expect(problems).to_contain_text("sudo systemctl start docker")
        expect(problems.get_by_role("button", name="In a terminal: sudo")).to_be_visible()
        expect(problems.get_by_role("button", name="Check again")).to_be_visible()
        expect(panel.get_by_text("The container engine does not run")).to_have_count(1)
        picture(page, "panel-engine-not-running")
    finally:
        server.kill()


def test_where_there_is_no_repository_the_panel_says_how_to_get_one(page, home, tmp_path, image):
    (home / "empty").mkdir()
    server = LabServer(home / "empty", tmp_path / "lab.log")
    server.start()
    try:
        panel = open_panel(page, server)
        worktrees = section(panel, "Worktrees")
        expect(worktrees).to_contain_text("There is no git repository")
        git(home / "empty", "init", "--quiet", "--initial-branch=main", "found")
        worktrees.get_by_role("button", name="Look again").click()
        expect(worktrees.get_by_role("heading", name="found")).to_be_visible()
        picture(page, "panel-without-sessions")
    finally:
        server.kill()


def test_the_dialog_for_a_session_opens_what_was_chosen_by_keyboard_alone(
    lab, page, repository, containers
):
    panel = open_panel(page, lab)
    panel.get_by_role("button", name="Open an agent in b…").press("Enter")
    dialog = page.get_by_role("dialog")
    agent = dialog.get_by_label("Agent")
    expect(agent).to_be_focused()
    expect(dialog.get_by_label("Worktree")).to_have_value(str(repository.parent / "b"))
    page.keyboard.type("Shell")
    expect(dialog.get_by_label("Profile")).to_have_count(0)  # A shell has no credentials.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("--norc -c 'sleep \"1000\"'")
    page.keyboard.press("Enter")
    wait_until(lambda: [c.state for c in containers()] == ["running"])
    [session] = lab.request("GET", "agentauth/api/sessions")
    assert (session["agent"], session["worktree"]) == ("bash", str(repository.parent / "b"))


def test_the_dialog_says_beside_a_field_what_is_wrong_and_when_sign_ins_are_shared(lab, page):
    panel = open_panel(page, lab)
    panel.get_by_role("button", name="New session…").first.click()
    dialog = page.get_by_role("dialog")
    accept = dialog.get_by_role("button", name="Open")
    expect(accept).to_be_enabled()
    shared = dialog.get_by_text("Agent credentials are shared across containers.")
    expect(shared).to_have_count(0)
    dialog.get_by_label("Sharing of the sign-in").select_option("On for this session")
    expect(shared).to_be_visible()

    dialog.get_by_label("Profile").select_option("New profile…")
    name = dialog.get_by_label("Name of the new profile")
    expect(accept).to_be_disabled()
    name.fill("My Work")
    expect(dialog).to_contain_text("Use small letters, digits and _ . -")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    picture(page, "new-session-invalid")
    name.fill("work")
    dialog.get_by_label("Arguments").fill('"open')
    expect(dialog).to_contain_text("A quote or a backslash is left open.")
    expect(accept).to_be_disabled()
    dialog.get_by_label("Arguments").fill("")
    expect(accept).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert lab.request("GET", "agentauth/api/sessions") == []


def test_a_new_worktree_takes_ignored_files_along_and_appears(lab, page, repository):
    (repository / ".git" / "info" / "exclude").write_text(".env\n*.log\n")
    (repository / ".env").write_text("KEY=1\n")
    for number in range(9):
        (repository / f"{number}.log").write_text("x" * number)
    panel = open_panel(page, lab)
    panel.get_by_role("button", name="New worktree of main…").click()
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
    picture(page, "panel-new-worktree")
    branch.press("Enter")
    row = section(panel, "Worktrees").get_by_role("listitem").filter(has_text="fix/typo")
    expect(row).to_contain_text("no changes")
    assert (place / "8.log").read_text() == "x" * 8
    assert (place / ".env").is_symlink()

    row.get_by_role("button", name="Remove worktree fix/typo").press("Enter")
    expect(row).to_have_count(0)
    assert not place.exists()


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


def test_an_image_that_is_not_there_is_one_problem_and_its_mend_a_button(
    page, repository, tmp_path, engine
):
    server = LabServer(
        repository.parent, tmp_path / "lab.log", "--AgentAuth.image=agentauth-test-none:latest"
    )
    server.start()
    try:
        panel = open_panel(page, server)
        problems = section(panel, "Problems")
        expect(problems).to_contain_text("agentauth-test-none:latest")
        expect(problems.get_by_role("button", name="Build image")).to_be_visible()
        told = section(panel, "Agents").get_by_text("Cannot run now: see Problems.")
        expect(told).to_have_count(5)
        image = section(panel, "Image")
        expect(image).to_contain_text("which is not there yet")
        expect(image.get_by_role("button", name="Build image")).to_be_visible()
        picture(page, "panel-without-an-image")
    finally:
        server.kill()


def test_in_the_dark_theme_the_panel_and_a_dialog_are_light_on_dark(lab, page, repository):
    settings = Path(os.environ["JUPYTER_CONFIG_DIR"]) / "lab/user-settings/@jupyterlab"
    (settings / "apputils-extension" / "themes.jupyterlab-settings").write_text(
        '{"theme": "JupyterLab Dark"}'
    )
    lab.open("bash", repository, "--norc")
    panel = open_panel(page, lab)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    panel.get_by_role("button", name="New session…").first.click()
    dialog = page.locator(".jp-Dialog-content")
    expect(dialog).to_be_visible()
    picture(page, "dark")
    behind = "element => getComputedStyle(element).backgroundColor"
    text = "element => getComputedStyle(element).color"
    sentences = [panel.get_by_text("Sign in once").first, panel.get_by_text("Shell · main").first]
    for sentence in (*sentences, dialog.get_by_text("Worktree", exact=True).first):
        assert luminance(sentence.evaluate(text)) > 0.5
    assert luminance(dialog.evaluate(behind)) < 0.3
    assert luminance(dialog.locator("select").first.evaluate(behind)) < 0.3
