"""Notebooks in JupyterLab's page, and in Notebook 7's: written, opened, run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lab_page import LOADING
from playwright.sync_api import Locator, Page, expect


def write_notebook(path: Path, *cells: str, outputs: list[dict[str, Any]] | None = None) -> None:
    """Write a notebook of code cells, all with the same outputs, which nobody has run here."""
    content = {
        "cells": [
            {
                "cell_type": "code", "id": f"cell-{number}", "source": source, "metadata": {},
                "outputs": outputs or [], "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    path.write_text(json.dumps(content))


def cells(page: Page) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell")


def prompt(page: Page, number: int = 0) -> Locator:
    """The `[1]:` of a cell."""
    return cells(page).nth(number).locator(".jp-InputPrompt")


def wait_for_kernel(page: Page) -> None:
    """Wait until a cell can be run; before it, that asks for a kernel (JupyterLab 4.6)."""
    name = page.locator(".jp-KernelName").first
    expect(name).to_contain_text("Python 3", timeout=LOADING)
    idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first
    idle.wait_for(timeout=LOADING, state="attached")


def run_cell(page: Page, number: int = 0) -> None:
    """Put the cursor into a cell and run it to its end."""
    wait_for_kernel(page)
    cell = cells(page).nth(number)
    before = prompt(page, number).inner_text()
    cell.locator(".cm-content").click()
    expect(cell.locator(".cm-content")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(prompt(page, number)).not_to_have_text(before)
    expect(prompt(page, number)).to_have_text(re.compile(r"\[\d+\]:"), timeout=LOADING)
