"""The agent image in the page: not there, built by somebody else, built here, and cancelled."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator

import pytest
from lab_notebook import run_cell, write_notebook
from lab_page import picture
from lab_panel import PANEL, agent_panel, begin_build, notebook_url, section, show_side_panel
from lab_server import LabServer
from lab_tabs import tile
from playwright.sync_api import Page, expect
from waiting import wait_until

from jupyter_agentauth.engine import Engine

STEP = re.compile(r"Step \d+ of \d+: ")


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    """An image that is not there yet."""
    name = f"agentauth-test-page-{os.getpid()}:latest"
    yield name
    if engine.client.images.list(name):
        engine.client.images.remove(name)


def test_an_image_that_is_not_there_is_one_problem_and_builds_are_seen_everywhere_and_cancelled(
    start_lab, name, image, own_image, engine, page, repository
):
    write_notebook(repository / "panel.ipynb", PANEL)
    lab = start_lab(f"--AgentAuth.image={name}")
    page.goto(notebook_url(lab))
    run_cell(page)
    agent_panel(page)
    it_is_one_problem_and_its_mend_a_button(page, name)
    a_build_that_another_began_is_seen_with_its_progress_and_cancelled(page, lab, image)

    # As it was before the next one.
    engine.client.images.get(own_image(image)).tag(*name.split(":"))
    before = engine.client.images.get(name).id
    wait_until(lambda: lab.request("GET", "agentauth/api/image")["present"] is True)
    a_build_that_is_begun_in_a_notebook_is_seen_in_the_side_panel_and_cancelled(page)
    assert engine.client.images.get(name).id == before


def it_is_one_problem_and_its_mend_a_button(page: Page, name: str) -> None:
    ours, side = agent_panel(page), show_side_panel(page)
    expect(ours.get_by_text(f"{name}, which is not there yet")).to_be_visible()
    expect(ours.get_by_role("button", name="Open Claude Code")).to_be_disabled()
    picture(page, "notebook-panel-no-image")
    problems = section(side, "Problems")
    expect(problems).to_contain_text(name)
    expect(problems.get_by_role("button", name="Build image")).to_be_visible()
    told = section(side, "Agents").get_by_text("Cannot run now: see Problems.")
    expect(told).to_have_count(5)
    part = section(side, "Image")
    expect(part).to_contain_text("which is not there yet")
    expect(part.get_by_role("button", name="Build image")).to_be_visible()
    picture(page, "panel-without-an-image")

    page.keyboard.press("Control+Shift+L")
    tile(page, "Claude Code (no image)").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"The image {name} is not there")
    expect(dialog.get_by_role("button", name="Build Image")).to_be_visible()
    picture(page, "no-image")
    dialog.get_by_role("button", name="Close").click()


def a_build_that_another_began_is_seen_with_its_progress_and_cancelled(
    page: Page, lab: LabServer, image: str
) -> None:
    side = section(show_side_panel(page), "Image")
    building = threading.Thread(target=begin_build, args=(lab, image))
    building.start()
    progress = side.get_by_role("progressbar")
    expect(progress).to_be_visible()
    expect(progress).to_have_attribute("aria-valuemax", re.compile(r"[1-9]"))
    progress.scroll_into_view_if_needed()
    picture(page, "building")
    page.get_by_role("tab", name="panel.ipynb").click()
    ours = agent_panel(page)
    expect(ours.get_by_text(STEP)).to_be_visible()
    bar = ours.get_by_role("progressbar", name="Building the image")
    expect(bar).to_have_attribute("max", re.compile("[1-9]"))
    expect(ours.get_by_role("button", name="Build image")).to_be_disabled()
    ours.get_by_role("button", name="Cancel").scroll_into_view_if_needed()
    picture(page, "notebook-panel-building")
    side.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(progress).to_have_count(0)
    expect(ours.get_by_role("button", name="Cancel")).not_to_be_visible()
    expect(ours.get_by_text("The build was cancelled")).to_be_visible()
    building.join(60)
    assert lab.request("GET", "agentauth/api/image")["present"] is False


def a_build_that_is_begun_in_a_notebook_is_seen_in_the_side_panel_and_cancelled(page: Page) -> None:
    ours, side = agent_panel(page), show_side_panel(page)
    build = ours.get_by_role("button", name="Rebuild image")
    build.click()
    expect(ours.get_by_text(STEP)).to_be_visible()
    expect(build).to_be_disabled()
    expect(side.get_by_role("progressbar")).to_be_visible()
    ours.get_by_role("button", name="Cancel").click()
    expect(ours.get_by_text("The build was cancelled")).to_be_visible()
    expect(build).to_be_enabled()
