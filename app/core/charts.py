"""Charts: pygal draws the SVG on the server; styles come from hunar.css, since the CSP allows none inline.

Every chart carries the same numbers as a table, for screen readers and for whoever prefers figures.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pygal
from markupsafe import Markup

from app.core.wording import gettext as _
from app.core.wording import isolated

ChartKind = Literal["line", "bar"]

SVG = "{http://www.w3.org/2000/svg}"
# Units of the drawing: near to its size on a phone, so that its 13-unit letters stay readable there.
WIDTH, HEIGHT = 480, 280
SCALE_STEPS = 8  # at most, lest the figures at the side run into each other
REFUSED_PARTS = {f"{SVG}{name}" for name in ("defs", "script", "style")} | {"defs", "script", "style"}


@dataclass(frozen=True)
class Chart:
    """A picture with its numbers. `rows` start with the label of the row; cells are formatted texts.

    legend: names of the series in the order of their colours; the page prints it, so that it wraps and mirrors.
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
    markup = ET.tostring(root, encoding="unicode")
    # ElementTree writes the SVG namespace as a prefix, which an HTML parser does not understand.
    return Markup(re.sub(r"(</?)ns\d+:", r"\1", markup).replace("xmlns:ns0=", "xmlns="))  # noqa: S704
