"""Curiosity velocity of a run: times from the stored events, and what the debrief shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import combinations
from statistics import median
from typing import Any

from flask_babel import gettext as _

from app.core.charts import format_number, percent
from app.core.table import Table
from app.desk.record import DECISION, INQUIRY
from app.sims.models import SimulationEvent, SimulationRun
from simulations import Scenario, Texts
from simulations.curiosity import Curiosity, RoundTiming

# Between two acts nobody is taken to have worked longer than this: a pause must not count as slowness.
LONGEST_PAUSE_SECONDS = 300.0
LEAST_RUNS_OF_TREND, MOST_RUNS_OF_TREND = 4, 20


@dataclass(frozen=True)
class CuriosityPage:
    """What the debrief shows: the three parts, the index or why there is none, and each question.

    trend: of the index over the trainee's runs, "" where it is not told.
    """

    parts: tuple[tuple[str, str, str], ...]
    index: str
    trend: str
    inquiries: Table


def timings(run: SimulationRun, rows: Sequence[SimulationEvent]) -> list[RoundTiming]:
    """Active minutes of each round and how long each finding was looked at, pauses cut."""
    found, opened = [], run.started_at
    seen: list[float] = []
    asked_at: datetime | None = None
    active = 0.0
    for row in rows:
        passed = min((row.recorded_at - opened).total_seconds(), LONGEST_PAUSE_SECONDS)
        active, opened = active + passed, row.recorded_at
        if asked_at is not None:
            seen.append(passed)
        asked_at = row.recorded_at if row.kind == INQUIRY else None
        if row.kind == DECISION:
            found.append(RoundTiming(active / 60, tuple(seen), is_noted=bool(row.note)))
            active, seen = 0.0, []
    return found


def as_json(found: Curiosity) -> dict[str, Any]:
    """The parts, the index and each inquiry, as stored with the run."""
    rounds = [asdict(inquiry) for each in found.rounds for inquiry in each.inquiries]
    return {
        **{part: getattr(found, part) for part in ("aim", "uptake", "pace")},
        "index": found.index,
        "minutes_a_round": found.minutes_a_round,
        "interval": list(found.interval),
        "reason": found.reason,
        "inquiries": rounds,
    }


def page(
    scenario: Scenario, texts: Texts, stored: Mapping[str, Any] | None, indices: Sequence[float]
) -> CuriosityPage | None:
    """What was stored, in words; None where nothing was asked or it is not computed yet.

    indices: of the runs whose trend is told, the oldest first.
    """
    if not stored or not stored["inquiries"]:
        return None
    return CuriosityPage(_parts(stored), _index(stored), _trend(indices), _inquiries(scenario, texts, stored))


def _parts(stored: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    named = {
        "aim": (_("Aim"), _("Of what the most telling questions would have brought for the same minutes.")),
        "uptake": (_("Uptake"), _("Of what your findings were worth, as far as a decision then moved with them.")),
        "pace": (
            _("Pace"),
            _(
                "Time taken against the usual time; a pause counts as five minutes at most, and less than ten minutes "
                "in all as ten."
            ),
        ),
    }
    return tuple(
        (name, "–" if stored[part] is None else percent(stored[part]), hint) for part, (name, hint) in named.items()
    )


def _index(stored: Mapping[str, Any]) -> str:
    if stored["index"] is None:
        reasons = {
            "too_few_rounds": _("There were too few rounds for an index."),
            "too_few_inquiries": _("With fewer than three questions there is no index."),
            "nothing_to_find": _("In this run no question could have paid for its minutes, so there is no index."),
        }
        return str(reasons[stored["reason"]])
    low, high = stored["interval"]
    return str(
        _(
            "Curiosity velocity: %(index)s, probably between %(low)s and %(high)s, where 100 is what asking the most "
            "telling question first would have brought. It is shown to you first and never used as a mark.",
            index=format_number(stored["index"], 0),
            low=format_number(low, 0),
            high=format_number(high, 0),
        )
    )


def slope(values: Sequence[float]) -> float:
    """Change from one value to the next: the median of those between any two (Theil 1950; Sen 1968)."""
    pairs = combinations(enumerate(values), 2)
    return median((later - earlier) / (there - here) for (here, earlier), (there, later) in pairs)


def _trend(indices: Sequence[float]) -> str:
    if len(indices) < LEAST_RUNS_OF_TREND:
        return ""
    change = round(slope(indices))
    said = {"runs": len(indices), "points": format_number(abs(change), 0)}
    if change > 0:
        return str(_("Over your last %(runs)s runs with an index it rose by about %(points)s a run.", **said))
    if change < 0:
        return str(_("Over your last %(runs)s runs with an index it fell by about %(points)s a run.", **said))
    return str(_("Over your last %(runs)s runs with an index it stayed about the same.", runs=len(indices)))


def _inquiries(scenario: Scenario, texts: Texts, stored: Mapping[str, Any]) -> Table:
    used = {1.0: _("yes"), 0.25: _("seen, not used"), 0.0: _("no")}
    most = max(each["value"] for each in stored["inquiries"]) or 1.0
    rows = tuple(
        (
            str(each["round"]),
            _question(texts, each),
            str(each["minutes"]),
            percent(each["value"] / most),
            str(used[each["credit"]]),
        )
        for each in stored["inquiries"]
        if each["inquiry_id"] in {kind.id for kind in scenario.inquiries}
    )
    columns = (_("Round"), _("Question"), _("Minutes"), _("Worth, against your most telling question"), _("Used"))
    return Table(columns, rows)


def _question(texts: Texts, each: Mapping[str, Any]) -> str:
    label = texts.inquiry(each["inquiry_id"]).label
    return label if each["argument"] is None else f"{label} ({each['argument']})"
