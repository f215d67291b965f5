"""Ways to open an agent in JupyterLab's page, and what they say where that cannot be."""

from __future__ import annotations

import re

from lab_page import launcher_is_there, picture, wait_for_text
from lab_panel import open_panel, section
from lab_tabs import open_page, screen, tile
from playwright.sync_api import expect


def test_an_agent_is_opened_in_a_directory_from_its_context_menu_and_a_long_warning_is_read_whole(
    lab, page, repository
):
    plain = repository.parent / ("plain-directory-" * 8)
    plain.mkdir()
    open_page(page, lab)

    def open_here(directory: str) -> None:
        page.locator(".jp-DirListing-item", has_text=re.compile(f"^{directory}")).click(
            button="right"
        )
        page.get_by_text("Open Agent Here", exact=True).hover()
        here = page.locator(".lm-Menu").last.get_by_text("Shell", exact=True)
        here.wait_for()
        picture(page, "context-menu")
        here.click()

    open_here("b")
    wait_for_text(page, "agent@")
    [session] = lab.sessions()
    assert session["worktree"] == str(repository.parent / "b")

    open_here("plain-")
    page.get_by_role("button", name="Read it all").click()
    [other] = [each for each in lab.sessions() if each["id"] != session["id"]]
    assert any(str(plain) in warning for warning in other["warnings"])
    for warning in other["warnings"]:
        expect(page.get_by_role("dialog")).to_contain_text(warning)


def test_an_engine_that_does_not_run_is_one_problem_with_its_mend_and_the_click_works_afterwards(
    start_lab, page, tmp_path, monkeypatch
):
    socket = tmp_path / "docker.sock"
    with monkeypatch.context() as patch:
        patch.setenv("DOCKER_HOST", f"unix://{socket}")
        lab = start_lab()
    panel = open_panel(page, lab)
    problems = section(panel, "Problems")
    expect(problems.get_by_text("The container engine does not run")).to_have_count(1)
    expect(problems).to_contain_text("sudo systemctl start docker")
    expect(problems.get_by_role("button", name="In a terminal: sudo")).to_be_visible()
    expect(problems.get_by_role("button", name="Check again")).to_be_visible()
    expect(panel.get_by_text("The container engine does not run")).to_have_count(1)
    picture(page, "panel-engine-not-running")

    # A mend is typed into a terminal of the host, and not sent.
    shell = tile(page, "Shell (engine stopped)")
    assert "engine" in (shell.get_attribute("title") or "")
    picture(page, "launcher-without-an-engine")
    shell.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The container engine does not run: start it")
    expect(dialog).to_contain_text("sudo systemctl start docker")
    picture(page, "engine-stopped")
    dialog.get_by_role("button", name="In a Terminal").click()
    wait_for_text(page, "sudo systemctl start docker")
    picture(page, "mend-typed")
    rows = screen(page).inner_text()
    assert rows.strip().endswith("sudo systemctl start docker")
    assert rows.count("systemctl") == 1

    # The click that named it works once the engine can be reached.
    page.keyboard.press("Control+Shift+L")
    shell.locator("visible=true").first.click()
    expect(dialog).to_contain_text("sudo systemctl start docker")
    socket.symlink_to("/var/run/docker.sock")
    dialog.get_by_role("button", name="Try Again").click()
    wait_for_text(page, "agent@")


def test_without_the_server_extension_there_is_one_notice_and_nothing_else(start_lab, page):
    lab = start_lab("--ServerApp.jpserver_extensions={'jupyter_agentauth': False}")
    page.goto(lab.url)
    launcher_is_there(page)
    expect(page.get_by_text("Agents are not available").first).to_be_visible()
    picture(page, "without-the-server-extension")
    assert page.locator(".jp-LauncherCard[data-category='Agents']").count() == 0
    assert page.get_by_role("tab", name="Agents", exact=True).count() == 0
