"""Markdown on which parsers are known to be slow is shown in little time, all of it."""

from __future__ import annotations

import time

import pytest

from jupyter_agentauth.kernel.markdown import markdown_html
from jupyter_agentauth.kernel.transcript import MOST_TEXT, transcript

#: Characters of a text, of which an output has six times as many at most, and seconds of the
#: processor. A rule that goes back over all of it for each piece takes minutes.
LENGTH, PROCESSOR_SECONDS = 10_000, 3.0

PIECES = {
    "quotes": "> ", "more quotes": ">", "lists": "- ", "numbers": "1. ", "nested": "  - ",
    "emphasis": "*", "strong": "**a ", "mixed": "*_", "underscores": "_a_ ", "code": "`",
    "growing code": "` `` ", "brackets": "[", "closed": "[a]", "links": "[a](", "images": "![",
    "references": "[a]: b\n", "footnotes": "[^a]", "angles": "<", "tags": "<a ", "comments": "<!--",
    "autolinks": "<http://a", "entities": "&", "backslashes": "\\", "strikes": "~~",
    "fences": "```\n", "tables": "|", "rows": "|a|\n|-|\n", "headings": "# a\n=\n",
    "spaces": " \n", "tabs": "\t",
}  # fmt: skip


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_a_text_of_one_piece_is_drawn_in_little_time(piece):
    text = piece * (LENGTH // len(piece))
    began = time.process_time()
    shown = markdown_html(text)
    assert time.process_time() - began < PROCESSOR_SECONDS
    assert isinstance(shown, str)


def test_no_more_than_that_is_ever_given_to_it():
    _, parts = transcript([{"type": "text", "text": "> " * 1_000_000}]).shown()
    assert sum(len(part) for part in parts if isinstance(part, str)) <= MOST_TEXT
