"""Markdown of content packs, made into HTML that can do nothing but be read."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

ALLOWED_TAGS = {
    "h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "a", "br", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")


def render(text: str) -> Markup:
    """Sanitised HTML: no scripts, styles, pictures or foreign frames; links open as the reader's browser does."""
    html = nh3.clean(
        _parser.render(text), tags=ALLOWED_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "mailto"}
    )
    return Markup(html)  # noqa: S704 - nh3 cleaned it
