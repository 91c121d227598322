"""The page that shows trainees what became of their notebook, by nbgrader's feedback template.

Outputs and Markdown are the trainee's own text, and hostile until shown otherwise: the page is rebuilt from
an allow-list of elements and attributes, holds no script, and names no address but data: images and its own
anchors. Hidden tests and marking schemes are taken out, so that a page can be shown before the deadline.
"""

from __future__ import annotations

import copy
import html
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbgrader
import nh3
from nbconvert.exporters import html as html_exporter
from nbconvert.exporters import templateexporter
from nbconvert.filters import highlight, widgetsdatatypefilter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets.config import Config

from grading.display import make_presentable
from grading.messages import failure_message, hidden_line_numbers, hidden_texts, redact
from grading.notebook import empty, parse
from grading.results import score_of
from grading.types import InvalidSource

# nbconvert has no types for these.
HTMLExporter: Any = html_exporter.HTMLExporter
TemplateExporter: Any = templateexporter.TemplateExporter
Highlight2HTML: Any = highlight.Highlight2HTML
WidgetsDataTypeFilter: Any = widgetsdatatypefilter.WidgetsDataTypeFilter

REMEMBERED_TEXTS = 256
REMEMBERED_CHARACTERS = 8_000
TEXT_TYPES = ("text/html", "text/markdown", "text/plain")
# Not nbgrader's own body, whose heading and table of contents are scores, but the one that it wraps.
NOTEBOOK_ALONE = "{% extends 'index.html.j2' %}{% block body %}{{ super.super() }}{% endblock %}"
# The template's grey links and code comments have too little contrast; long lines and tables would widen the page.
OUR_STYLE = """
body { background: #fff; color: #1d1d1d; }
div.nbgrader_cell .panel-heading a { color: inherit; text-decoration: underline; }
div.nbgrader_cell .panel-heading { background: #1f5280; color: #fff; height: auto; }
.panel-heading .score, .panel-heading code { color: inherit; background: transparent; }
pre { overflow-wrap: anywhere; white-space: pre-wrap; }
img { max-width: 100%; height: auto; }
code { overflow-wrap: anywhere; white-space: pre-wrap; }
table { display: block; max-width: 100%; overflow-x: auto; }
td, th { padding: 0.2em 0.5em; }
a.anchor-link { display: none; }
"""
_FORMGRADER = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader"
NO_ALT = "No description has been provided for this image"
_WITHOUT_ALT = re.compile(r"<img(?![^>]*\salt=)\s")
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_FOREIGN_CSS = re.compile(r"@import[^;]*;|@font-face\s*\{[^}]*\}|url\(\s*(?!['\"]?data:)[^)]*\)", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|svg\+xml);base64,[A-Za-z0-9+/=\s]*")
_TAGS = """
a abbr b blockquote br caption cite code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3
h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th
thead tr tt u ul var
"""
_ATTRIBUTES = {
    "*": {"class", "id", "title", "dir", "lang"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "scope", "align"},
    "ol": {"start"},
}


def feedback(autograded: bytes, *, scores: bool = True) -> bytes:
    """A whole HTML page for an autograded notebook as grade() returns it; InvalidSource for any other.

    scores: with nbgrader's headings, which are English and know the points of the tests alone. Whoever tells the points
    elsewhere, with marks and lateness, leaves them out, and the page is the notebook and what it printed.
    """
    try:
        notebook = parse(autograded.decode())
        resources = _with_scores(notebook)
        _hide(notebook)
        if not scores:
            _forget_roles(notebook)
        page = _rendered(notebook, resources, scores=scores)
        return _rebuilt(page, title=resources["nbgrader"]["notebook"]).encode()
    except Exception as error:
        raise InvalidSource(f"Not an autograded notebook: {error}") from error


def _forget_roles(notebook: Any) -> None:
    """nbgrader's template has headings for cells with roles, and for no others."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def _rendered(notebook: Any, resources: dict[str, Any], *, scores: bool) -> str:
    spare = copy.deepcopy(notebook)
    exporter = _exporter(scores=scores)
    try:
        make_presentable(notebook)
        page, _ = exporter.from_notebook_node(notebook, resources=resources)
    except Exception:
        # Text can be made that a Markdown renderer fails on; its author still gets a page.
        make_presentable(spare, rich=False)
        page, _ = exporter.from_notebook_node(spare, resources=resources)
    return str(page)


def _remembered(render: Callable[..., str]) -> Callable[..., str]:
    """`render`, whose last argument is the text, with what it made of the last short texts.

    Most of a class's notebooks is the author's text, the same in all of them.
    """
    remembered = lru_cache(maxsize=REMEMBERED_TEXTS)(render)

    def rendered(*arguments: str) -> str:
        return (remembered if len(arguments[-1]) <= REMEMBERED_CHARACTERS else render)(*arguments)

    return rendered


@_remembered
def _markdown(source: str) -> str:
    return str(HTMLExporter.markdown2html(_exporter(), {}, source))


@_remembered
def _highlighted(lexer: str, magics_language: str, source: str) -> str:
    metadata = {"magics_language": magics_language} if magics_language else {}
    return str(Highlight2HTML(pygments_lexer=lexer)(source, metadata=metadata))


class _OnePass(HTMLExporter):  # type: ignore[misc]
    """HTMLExporter without its second parse of the whole page, which only gives pictures a text."""

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        yield from super().default_filters()
        yield "markdown2html", _markdown

    def from_notebook_node(self, nb: Any, resources: Any = None, **named: Any) -> tuple[str, Any]:
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        resources = self._init_resources(resources)

        def highlight(source: str, metadata: Mapping[str, Any]) -> str:
            return _highlighted(lexer or "", str(metadata.get("magics_language", "")), source)

        self.register_filter("highlight_code", highlight)
        wanted = WidgetsDataTypeFilter(notebook_metadata=self._nb_metadata, parent=self, resources=resources)
        self.register_filter("filter_data_type", wanted)
        page, resources = TemplateExporter.from_notebook_node(self, nb, resources, **named)
        return _WITHOUT_ALT.sub(f'<img alt="{NO_ALT}" ', page), resources


class _Kept(threading.local):
    """Exporters for each thread, by whether they show scores: one compiles its templates once, and is not made to be
    shared.
    """

    def __init__(self) -> None:
        self.exporters: dict[bool, Any] = {}


_kept = _Kept()


def _exporter(*, scores: bool = True) -> Any:
    if scores not in _kept.exporters:
        _kept.exporters[scores] = _new_exporter(scores=scores)
    return _kept.exporters[scores]


def _new_exporter(*, scores: bool) -> Any:
    config = Config()
    config.Exporter.default_preprocessors = []
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [str(_FORMGRADER / "templates")]
    css = _FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(css)]
    exporter: Any = _OnePass(config=config) if scores else _OnePass(config=config, raw_template=NOTEBOOK_ALONE)
    exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)
    return exporter


def _with_scores(notebook: Any) -> dict[str, Any]:
    """What nbgrader's GetGrades takes from its database."""
    points = max_points = 0.0
    for cell in notebook.cells:
        if not utils.is_grade(cell) and not utils.is_task(cell):
            continue
        found = score_of(cell) if utils.is_grade(cell) else None
        score, maximum = found or (None, float(cell.metadata.nbgrader.points))
        cell.metadata.nbgrader["score"] = score or 0.0
        points, max_points = points + (score or 0.0), max_points + maximum
    ours = notebook.metadata.get("hunar", {})
    return {
        "nbgrader": {
            "notebook": html.escape(str(ours.get("title") or "Notebook")),
            "score": ours.get("points", points),
            "max_score": ours.get("max_points", max_points),
            "late_penalty": 0,
        }
    }


def _hide(notebook: Any) -> None:
    hidden = hidden_texts(cell.source for cell in notebook.cells if utils.is_grade(cell))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" and hidden_line_numbers(cell.source):
                # A traceback shows the lines around the failed one.
                output.traceback = [failure_message(cell, hidden)]
        for output in cell.get("outputs", []):
            _redact_output(output, hidden)
    ClearHiddenTests()(notebook, {})
    ClearMarkScheme()(notebook, {})


def _redact_output(output: Any, hidden: tuple[str, ...]) -> None:
    if "text" in output:
        output.text = redact(output.text, hidden)
    if "traceback" in output:
        output.traceback = redact("\n".join(output.traceback), hidden).split("\n")
    for kind in TEXT_TYPES:
        if isinstance(output.get("data", {}).get(kind), str):
            escaped = tuple(html.escape(line) for line in hidden)
            output.data[kind] = redact(redact(output.data[kind], hidden), escaped)


def _rebuilt(page: str, *, title: str) -> str:
    body = nh3.clean(
        page,
        tags=set(_TAGS.split()),
        clean_content_tags={
            "script",
            "style",
            "title",
            "head",
            "template",
            "noscript",
            "iframe",
            "svg",
            "math",
        },
        attributes=_ATTRIBUTES,
        attribute_filter=_safe_attribute,
        url_schemes={"data"},
        link_rel=None,
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en" dir="ltr">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_style()}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _safe_attribute(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if value.startswith("#") else None
    if attribute == "src":
        return value if _IMAGE.fullmatch(value) else None
    return value


@lru_cache(maxsize=1)
def _style() -> str:
    """The template's own style sheets, from a page without any notebook in it."""
    notebook = empty()
    page, _ = _exporter().from_notebook_node(notebook, resources=_with_scores(notebook))
    styles = "\n".join(_STYLE.findall(page)) + OUR_STYLE
    return _FOREIGN_CSS.sub("", _CSS_COMMENT.sub("", styles)).replace("</", "<\\/")
