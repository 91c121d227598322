"""Makes a notebook presentable: only kinds of output that a page can hold, and nothing that is slow to render.

Rendering Markdown or cleaning HTML takes time that grows with the square of some inputs, so what is larger or
more deeply nested than a person would write is shown as plain text, cut.
"""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from typing import Any

from grading.messages import plain

IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif")
MAX_MARKDOWN_CHARACTERS = 20_000
MAX_BRACKETS = 1_000
MAX_HTML_CHARACTERS = 300_000
MAX_HTML_TAGS = 6_000
MAX_TEXT_CHARACTERS = 50_000
MAX_PAGE_MARKDOWN_CHARACTERS = 200_000
MAX_PAGE_HTML_TAGS = 40_000
MAX_PAGE_TEXT_CHARACTERS = 600_000
CUT = "\n…"


@dataclass
class _Budget:
    """What is left for one page."""

    markdown_characters: int = MAX_PAGE_MARKDOWN_CHARACTERS
    html_tags: int = MAX_PAGE_HTML_TAGS
    text_characters: int = MAX_PAGE_TEXT_CHARACTERS

    def cut(self, text: str) -> str:
        allowed = max(0, min(MAX_TEXT_CHARACTERS, self.text_characters))
        self.text_characters -= min(len(text), allowed)
        return text if len(text) <= allowed else text[:allowed] + CUT

    def markdown(self, text: str) -> bool:
        self.markdown_characters -= len(text)
        is_light = len(text) <= MAX_MARKDOWN_CHARACTERS and text.count("[") <= MAX_BRACKETS
        return is_light and self.markdown_characters >= 0

    def html(self, text: str) -> bool:
        tags = text.count("<")
        self.html_tags -= tags
        is_light = len(text) <= MAX_HTML_CHARACTERS and tags <= MAX_HTML_TAGS
        return is_light and self.html_tags >= 0


def make_presentable(notebook: Any, *, rich: bool = True) -> None:
    """Change the notebook in place. rich=False shows every Markdown and HTML as plain text."""
    budget = _Budget() if rich else _Budget(markdown_characters=0, html_tags=0)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.pop("attachments", None)
            cell.source = cell.source if budget.markdown(cell.source) else _as_literal(cell.source, budget)
        else:
            cell.source = budget.cut(cell.source)
        if "outputs" in cell:
            shown = [_presentable(output, budget) for output in cell.outputs]
            cell.outputs = [output for output in shown if output.get("data") != {}]


def _as_literal(markdown: str, budget: _Budget) -> str:
    """A block that Markdown hands through; brackets as entities, since their search for a partner is slow."""
    return f"<pre>{html.escape(budget.cut(plain(markdown))).replace('[', '&#91;')}</pre>"


def _presentable(output: Any, budget: _Budget) -> Any:
    if "text" in output:
        output.text = budget.cut(output.text)
    if "traceback" in output:
        output.traceback = budget.cut("\n".join(output.traceback)).split("\n")
    if "data" in output:
        output.data = type(output)(_presentable_data(output.data, budget))
    return output


def _presentable_data(data: Any, budget: _Budget) -> dict[str, str]:
    """The best of the forms in which an output was given, as nbconvert would choose it."""
    texts = {kind: value for kind, value in data.items() if isinstance(value, str)}
    if "text/html" in texts and budget.html(texts["text/html"]):
        return {"text/html": texts["text/html"]}
    for kind in IMAGE_TYPES:
        if kind in texts:
            return {kind: texts[kind]}
    if "image/svg+xml" in texts:
        # As an image a drawing can neither run a script nor load anything.
        encoded = base64.b64encode(texts["image/svg+xml"].encode()).decode()
        return {"text/html": f'<img alt="" src="data:image/svg+xml;base64,{encoded}">'}
    if "text/markdown" in texts and budget.markdown(texts["text/markdown"]):
        return {"text/markdown": texts["text/markdown"]}
    last = texts.get("text/plain", texts.get("text/latex", texts.get("text/markdown")))
    return {} if last is None else {"text/plain": budget.cut(last)}
