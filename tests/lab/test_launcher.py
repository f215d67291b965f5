"""Ways to open an agent in JupyterLab's page, and what they say where that cannot be."""

from __future__ import annotations

import re

from lab_page import LOADING, picture, wait_for_text
from lab_tabs import open_page, tile
from playwright.sync_api import expect


def test_an_agent_is_opened_in_a_directory_from_its_context_menu(lab, page, repository):
    open_page(page, lab)
    page.locator(".jp-DirListing-item", has_text=re.compile("^b")).click(button="right")
    page.get_by_text("Open Agent Here", exact=True).hover()
    here = page.locator(".lm-Menu").last.get_by_text("Shell", exact=True)
    here.wait_for()
    picture(page, "context-menu")
    here.click()
    wait_for_text(page, "agent@")
    [session] = lab.request("GET", "agentauth/api/sessions")
    assert session["worktree"] == str(repository.parent / "b")


def test_a_warning_that_is_longer_than_a_notification_can_be_read_whole(lab, page, repository):
    open_page(page, lab)
    tile(page, "Shell").click()  # Above the repositories: no worktree.
    page.get_by_role("button", name="Read it all").click()
    [session] = lab.request("GET", "agentauth/api/sessions")
    for warning in session["warnings"]:
        expect(page.get_by_role("dialog")).to_contain_text(warning)


def test_the_click_that_named_a_mend_works_once_the_engine_can_be_reached(
    lab, page, tmp_path, monkeypatch
):
    lab.kill()
    socket = tmp_path / "docker.sock"
    with monkeypatch.context() as patch:
        patch.setenv("DOCKER_HOST", f"unix://{socket}")
        lab.start()
    page.goto(lab.url)
    tile(page, "Shell (engine stopped)").click(timeout=LOADING)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("sudo systemctl start docker")
    expect(dialog.get_by_role("button", name="In a Terminal")).to_be_visible()
    picture(page, "engine-mend")
    socket.symlink_to("/var/run/docker.sock")
    dialog.get_by_role("button", name="Try Again").click()
    wait_for_text(page, "agent@")


def test_a_mend_is_typed_into_a_terminal_of_the_host_and_not_sent(lab, page, tmp_path, monkeypatch):
    lab.kill()
    with monkeypatch.context() as patch:
        patch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'docker.sock'}")
        lab.start()
    page.goto(lab.url)
    tile(page, "Shell (engine stopped)").click(timeout=LOADING)
    page.get_by_role("dialog").get_by_role("button", name="In a Terminal").click()
    wait_for_text(page, "sudo systemctl start docker")
    picture(page, "mend-typed")
    rows = page.locator(".jp-Terminal:visible .xterm-accessibility-tree").inner_text()
    assert rows.strip().endswith("sudo systemctl start docker")
    assert rows.count("systemctl") == 1
