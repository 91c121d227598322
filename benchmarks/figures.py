"""One measured figure, and the table and JSON that those of a part become."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

NBGRADER = "nbgrader command"


@dataclass(frozen=True)
class Figure:
    """The median of the runs, in its unit.

    peer: the same for the peer in the same run, which `peer_name` names for a whole group; ratio: peer over ours, so
    that 2 means half of the peer's cost.
    """

    group: str
    name: str
    value: float
    unit: str
    runs: int = 1
    peer: float | None = None
    ratio: float | None = None
    peer_name: str = NBGRADER


def measured(
    group: str,
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    peer_values: Sequence[float] | None = None,
    peer_name: str = NBGRADER,
) -> Figure:
    """A figure of several runs; with a peer, the ratio is the median of the pairwise ratios."""
    value = statistics.median(values)
    if peer_values is None:
        return Figure(group, name, value, unit, len(values))
    ratio = statistics.median(theirs / ours for ours, theirs in zip(values, peer_values, strict=True))
    return Figure(group, name, value, unit, len(values), statistics.median(peer_values), ratio, peer_name)


@dataclass(frozen=True)
class Measurement:
    """The figures of one part of the bench, with when and on what they were measured."""

    measured_at: str
    machine: dict[str, Any]
    figures: tuple[Figure, ...]

    @classmethod
    def now(cls, figures: Sequence[Figure]) -> Measurement:
        machine = {"python": platform.python_version(), "system": platform.system(), "processors": os.cpu_count()}
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), machine, tuple(figures))

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> Measurement:
        return cls(kept["measured_at"], kept["machine"], tuple(Figure(**figure) for figure in kept["figures"]))


def as_json(parts: Mapping[str, Measurement]) -> str:
    """What each part measured, by its name."""
    return json.dumps({name: asdict(part) for name, part in parts.items()}, indent=1) + "\n"


def as_markdown(measurement: Measurement) -> str:
    """A table for each group."""
    tables = []
    for group in dict.fromkeys(figure.group for figure in measurement.figures):
        members = [figure for figure in measurement.figures if figure.group == group]
        with_peer = any(figure.peer is not None for figure in members)
        peer = next((figure.peer_name for figure in members if figure.peer is not None), "")
        heading = f"| what | Hunar | {peer} | ratio |\n|---|--:|--:|--:|" if with_peer else "| what | |\n|---|--:|"
        rows = "\n".join(_row(figure, with_peer=with_peer) for figure in members)
        tables.append(f"## {group}\n\nMeasured on {measurement.measured_at[:10]}.\n\n{heading}\n{rows}\n")
    return "\n".join(tables)


def _row(figure: Figure, *, with_peer: bool) -> str:
    cells = [figure.name, f"{_number(figure.value)} {figure.unit}"]
    if with_peer:
        cells += [
            "" if figure.peer is None else f"{_number(figure.peer)} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.1f} ×",
        ]
    return "| " + " | ".join(cells) + " |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"
