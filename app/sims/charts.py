"""What the debrief draws."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext as _

from app.core.charts import Chart, chart, format_number
from app.core.privacy import shown_counts
from app.desk.charts import line_description
from app.sims.scoring import BASELINE, BEST, OWN, Course, Outcome
from simulations import Kpi, Texts

COMPARED = (OWN, BASELINE, BEST)
BANDS, BAND_WIDTH = 5, 20


def comparison(texts: Texts, kpi: Kpi, courses: Mapping[str, Course]) -> Chart:
    """One indicator, round by round, for runs on the same seed; `courses` by the name that the legend gives them."""
    series = {name: [kpis[kpi.id] for kpis in course] for name, course in courses.items()}
    return chart(
        "line",
        title=_("%(label)s (%(unit)s)", label=texts.kpi(kpi.id).label, unit=texts.unit(kpi.unit)),
        description=line_description(series, kpi.decimals),
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
        description=line_description(series, 0),
        axis=_("Round"),
        labels=[f"{each['round']:g}" for each in rounds],
        series=series,
        decimals=0,
    )


def distribution(scores: Sequence[float], *, withholds_few: bool) -> Chart:
    """How many trainees reached which band of the outcome score, and their median in words.

    withholds_few: for readers who may not see single scores.
    """
    counts = [0] * BANDS
    for score in scores:
        counts[min(int(score / BAND_WIDTH), BANDS - 1)] += 1
    shown = shown_counts([counts]).cells[0] if withholds_few else counts
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
        series={_("Trainees"): shown},
        decimals=0,
    )


def run_name(name: str) -> str:
    """A short name for the own run and the two policies that it is scored against."""
    names = {OWN: _("Your run"), BASELINE: _("Business as usual"), BEST: _("Best policy we know")}
    return str(names[name])


def _pairs(labels: Sequence[str], series: Mapping[str, Sequence[float]], decimals: int) -> str:
    totals = [sum(values[index] for values in series.values()) for index in range(len(labels))]
    return " ".join(
        _("%(name)s: %(total)s in all.", name=name, total=format_number(total, decimals))
        for name, total in zip(labels, totals, strict=True)
    )
