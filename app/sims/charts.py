"""What the desk and the debrief draw."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _

from app.core.charts import Chart, chart, format_number
from app.sims.scoring import BASELINE, BEST, OWN, Course, Outcome
from simulations import Kpi, Run, Scenario, Texts

COMPARED = (OWN, BASELINE, BEST)
BANDS, BAND_WIDTH = 5, 20


def trends(scenario: Scenario, texts: Texts, run: Run) -> list[Chart]:
    """The indicators shown while playing, round by round: one chart for each unit; none before the first decision."""
    if not run.results:
        return []
    by_unit: dict[str, list[Kpi]] = {}
    for kpi in scenario.kpis:
        by_unit.setdefault(kpi.unit, []).append(kpi)
    return [_trend(texts, unit, kpis, run) for unit, kpis in by_unit.items()]


def _trend(texts: Texts, unit: str, kpis: Sequence[Kpi], run: Run) -> Chart:
    decimals = max(kpi.decimals for kpi in kpis)
    series = {texts.kpi(kpi.id).label: [result.kpis[kpi.id] for result in run.results] for kpi in kpis}
    return chart(
        "line",
        title=_("Round by round, in %(unit)s", unit=texts.unit(unit)),
        description=_line_description(series, decimals),
        axis=_("Round"),
        labels=[str(result.round) for result in run.results],
        series=series,
        decimals=decimals,
    )


def comparison(texts: Texts, kpi: Kpi, courses: Mapping[str, Course]) -> Chart:
    """One indicator, round by round, for runs on the same seed; `courses` by the name that the legend gives them."""
    series = {name: [kpis[kpi.id] for kpis in course] for name, course in courses.items()}
    return chart(
        "line",
        title=_("%(label)s (%(unit)s)", label=texts.kpi(kpi.id).label, unit=texts.unit(kpi.unit)),
        description=_line_description(series, kpi.decimals),
        axis=_("Round"),
        labels=[str(number + 1) for number in range(len(next(iter(courses.values()))))],
        series=series,
        decimals=kpi.decimals,
    )


def scored_courses(outcome: Outcome) -> dict[str, Course]:
    """The own run and the two policies that it is scored against, by their names."""
    return {run_name(name): outcome.courses[name] for name in COMPARED}


def losses(texts: Texts, outcome: Outcome) -> Chart:
    """What the losses of the own run, the baseline and the best known policy are made of."""
    series = {texts.part(part): [outcome.parts[name][part] for name in COMPARED] for part in outcome.parts[OWN]}
    labels = [run_name(name) for name in COMPARED]
    return chart(
        "bar",
        title=_("What the loss is made of (%(unit)s)", unit=texts.loss_unit),
        description=_("Bar chart of the parts of each loss. %(figures)s", figures=_pairs(labels, series, 0)),
        axis=_("Run"),
        labels=labels,
        series=series,
        decimals=0,
    )


def regrets(texts: Texts, stored: Iterable[Mapping[str, float | None]]) -> Chart:
    """What each round's decision gave away, beside what the baseline's and the tool's would have given away."""
    rounds = list(stored)
    series = {
        _("Your decision"): [each["regret"] for each in rounds],
        _("The baseline's decision in your place"): [each["reference_gap"] for each in rounds],
        _("The tool's decision in your place"): [each["tool_gap"] for each in rounds],
    }
    return chart(
        "bar",
        title=_("Expected loss given away by the decision of each round (%(unit)s)", unit=texts.loss_unit),
        description=_line_description(series, 0),
        axis=_("Round"),
        labels=[f"{each['round']:g}" for each in rounds],
        series=series,
        decimals=0,
    )


def distribution(scores: Sequence[float]) -> Chart:
    """How many trainees reached which band of the outcome score, and their median in words."""
    counts = [0.0] * BANDS
    for score in scores:
        counts[min(int(score / BAND_WIDTH), BANDS - 1)] += 1
    return chart(
        "bar",
        title=_("Outcome scores of the cohort"),
        description=_(
            "%(count)s trainees; half of them reached %(median)s or more.",
            count=len(scores),
            median=format_number(statistics.median(scores), 0),
        ),
        axis=_("Outcome score"),
        labels=[f"{band * BAND_WIDTH}–{(band + 1) * BAND_WIDTH}" for band in range(BANDS)],
        series={_("Trainees"): counts},
        decimals=0,
    )


def run_name(name: str) -> str:
    """A short name for the own run and the two policies that it is scored against."""
    names = {OWN: _("Your run"), BASELINE: _("Business as usual"), BEST: _("Best policy we know")}
    return str(names[name])


def _line_description(series: Mapping[str, Sequence[float | None]], decimals: int) -> str:
    """Where each line begins and ends, for those who do not see the chart."""
    sentences = [
        _(
            "%(name)s: %(first)s at first, %(last)s at last.",
            name=name,
            first=format_number(values[0], decimals),
            last=format_number(values[-1], decimals),
        )
        for name, values in series.items()
    ]
    return " ".join(sentences)


def _pairs(labels: Sequence[str], series: Mapping[str, Sequence[float]], decimals: int) -> str:
    totals = [sum(values[index] for values in series.values()) for index in range(len(labels))]
    return " ".join(
        _("%(name)s: %(total)s in all.", name=name, total=format_number(total, decimals))
        for name, total in zip(labels, totals, strict=True)
    )
