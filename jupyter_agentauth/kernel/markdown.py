"""An agent's Markdown as HTML that is safe in a page, whoever wrote it.

HTML in it is text. A link leads to http or https and nowhere else; an image, which a page would
fetch from wherever the agent says as soon as the notebook is opened, is a link to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

#: Deeper quotes and lists are not drawn; a text of nothing but `>` would take minutes.
_DEEPEST = 20

_LINK = {"target": "_blank", "rel": "noopener noreferrer nofollow"}


def markdown_html(text: str) -> str:
    """Return a Markdown text as HTML."""
    return str(_markdown().render(text))


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    class SafeMarkdown(MarkdownIt):
        def validateLink(self, url: str) -> bool:
            return _may_lead_to(url)

    markdown = SafeMarkdown("commonmark", {"html": False, "maxNesting": _DEEPEST})
    markdown.enable(["table", "strikethrough"]).disable("image")
    markdown.add_render_rule("link_open", _link_open)
    return markdown


def _may_lead_to(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _link_open(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    for name, value in _LINK.items():
        tokens[index].attrSet(name, value)
    return renderer.renderToken(tokens, index, options, env)
