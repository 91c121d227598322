"""Charts: pygal draws the SVG on the server; styles come from hunar.css, since the CSP allows none inline.

Every chart carries the same numbers as a table, for screen readers and for whoever prefers figures.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Literal

import pygal
from markupsafe import Markup

from app.core.wording import gettext as _
from app.core.wording import isolated

ChartKind = Literal["line", "bar", "interval"]

SVG = "{http://www.w3.org/2000/svg}"
# Units of the drawing: near to its size on a phone, so that its 13-unit letters stay readable there.
WIDTH, HEIGHT = 480, 280
SCALE_STEPS = 8  # at most, lest the figures at the side run into each other
# Of a chart of intervals: of each row, and of what is above and below them.
ROW_HEIGHT, AROUND_ROWS = 30, 130
DOT, END = 5, 2
# Letters of Arabic script, which have to be joined.
URDU = re.compile("[\u0600-\u06ff]")
PRINTED = Path(__file__).with_name("printed_chart.css")
REFUSED_PARTS = {f"{SVG}{name}" for name in ("defs", "script", "style")} | {"defs", "script", "style"}


@dataclass(frozen=True)
class Chart:
    """A picture with its numbers. `rows` start with the label of the row; cells are formatted texts.

    legend: names of the series in the order of their colours; the page prints it, so that it wraps and mirrors. A
    chart of intervals has none: its rows bear their names.
    """

    kind: ChartKind
    title: str
    description: str
    svg: Markup
    legend: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def chart(
    kind: ChartKind,
    *,
    title: str,
    description: str,
    axis: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    decimals: int = 1,
) -> Chart:
    """A line or bar chart of named series over shared labels. `axis` names what the labels are."""
    drawing = {"line": pygal.Line, "bar": pygal.Bar}[kind](
        width=WIDTH,
        height=HEIGHT,
        css=(),
        js=(),
        disable_xml_declaration=True,
        show_legend=False,
        x_title=axis,
        dots_size=3,
        include_x_axis=True,
        truncate_label=-1,
        max_scale=SCALE_STEPS,
        no_data_text="",
    )
    drawing.x_labels = list(labels)
    for name, values in series.items():
        drawing.add(name, list(values))
    rows = tuple(
        (label, *(format_number(values[index], decimals) for values in series.values()))
        for index, label in enumerate(labels)
    )
    return Chart(kind, title, description, _plain_svg(drawing), tuple(series), (axis, *series), rows)


@dataclass(frozen=True)
class Ranged:
    """A figure with its interval, in the unit of the axis. mark: a few letters that name its row in the picture."""

    mark: str
    name: str
    value: float
    low: float
    high: float


def interval_chart(
    rows: Sequence[Ranged],
    *,
    title: str,
    description: str,
    axis: str,
    columns: tuple[str, str, str],
    reference: float | None = None,
    decimals: int = 1,
) -> Chart:
    """Figures as dots on the lines of their intervals, the first row on top. `axis` names their unit.

    columns: headings of the table: what the rows are, the figure, its interval. reference: where a line is drawn.
    """
    drawing = pygal.XY(
        width=WIDTH,
        height=AROUND_ROWS + ROW_HEIGHT * len(rows),
        css=(),
        js=(),
        disable_xml_declaration=True,
        show_legend=False,
        x_title=axis,
        truncate_label=-1,
        max_scale=SCALE_STEPS,
        no_data_text="",
        dots_size=END,
        range=(0.5, len(rows) + 0.5),
    )
    places = range(len(rows), 0, -1)
    drawing.y_labels = [{"label": row.mark, "value": place} for row, place in zip(rows, places, strict=True)]
    for row, place in zip(rows, places, strict=True):
        # Rounded, since the figures stand in the drawing's own text too, where a reader finds them.
        value, low, high = (round(figure, decimals) for figure in (row.value, row.low, row.high))
        dot = {"value": (value, place), "node": {"r": DOT}}
        drawing.add(row.name, [(low, place), dot, (high, place)])
    if reference is not None:
        drawing.add("", [(reference, 0.5), (reference, len(rows) + 0.5)], show_dots=False)
    # Rows are told apart by their names, so they have one colour, and the line of reference another.
    svg = re.sub(
        r"\bcolor-(\d+)", lambda found: "color-0" if int(found[1]) < len(rows) else "color-5", _plain_svg(drawing)
    )
    table = tuple(
        (row.name, format_number(row.value, decimals), _interval(row.low, row.high, decimals)) for row in rows
    )
    return Chart("interval", title, description, Markup(svg), (), columns, table)  # noqa: S704 - drawn here


def _interval(low: float, high: float, decimals: int) -> str:
    ends = [isolated(format_number(end, decimals)) for end in (low, high)]
    return _("%(low)s to %(high)s", low=ends[0], high=ends[1])


@dataclass(frozen=True)
class PrintedChart:
    """A picture for a printed page. axis: what its scale is; notes: what its marks stand for, each with its mark."""

    svg: Markup
    axis: str
    notes: tuple[tuple[str, str], ...]


def for_print(drawn: Chart) -> PrintedChart:
    """The picture with its style inside, since that of a printed page does not reach into pictures.

    WeasyPrint sets the texts of a picture letter by letter, which tears Urdu apart: the page itself prints them.
    """
    root = ET.fromstring(drawn.svg)  # noqa: S314 - drawn here
    titles: list[str] = []
    marks: dict[str, str] = {}
    for text in root.iter(f"{SVG}text"):
        words = text.text or ""
        if "title" in text.get("class", "").split():
            titles.append(words)
            text.text = ""
        elif URDU.search(words):
            text.text = marks.setdefault(words, ascii_lowercase[len(marks)])
    style = ET.SubElement(root, f"{SVG}style")
    style.text = PRINTED.read_text()
    return PrintedChart(_markup(root), " ".join(titles), tuple((mark, words) for words, mark in marks.items()))


def format_number(value: float | None, decimals: int) -> str:
    """A number as English and Urdu write it here, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def percent(share: float) -> str:
    """A share as a percentage, set apart in right-to-left text, where the sign would else change sides."""
    return isolated(_("%(number)s%%", number=format_number(100 * share, 0)))


def _plain_svg(drawing: Any) -> Markup:
    root = drawing.render_tree()
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            if child.tag in REFUSED_PARTS or not isinstance(child.tag, str):
                parent.remove(child)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return _markup(root)


def _markup(root: ET.Element) -> Markup:
    markup = ET.tostring(root, encoding="unicode")
    # ElementTree writes the SVG namespace as a prefix, which an HTML parser does not understand.
    return Markup(re.sub(r"(</?)ns\d+:", r"\1", markup).replace("xmlns:ns0=", "xmlns="))  # noqa: S704
