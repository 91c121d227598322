"""Comparisons and reports in words, numbers and pictures."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.models import Cohort
from app.cohorts.queries import GroupFigures
from app.competencies.presentation import kind_name, level_name, part, percent_range, points_range, pull
from app.content.schemas import Competency
from app.core.charts import Chart, Ranged, chart, format_number, interval_chart, percent
from app.core.locale import language
from app.core.privacy import ShownShare
from app.core.wording import isolated, set_apart
from app.progress.wording import status_names
from app.reports.comparing import CONFIDENCE, Effect
from app.reports.moving import Moved
from app.reports.queries import (
    Breakdown,
    CohortReport,
    ComparedCompetency,
    Comparison,
    CuriosityFigures,
    Group,
    Pair,
    Participation,
    ReportedCompetency,
)
from app.surveys.presentation import scale_rows
from app.surveys.results import WaveFigures

# Names of rows in a picture; letters, since numbers would look like ranks.
MARKS = "ABCDEF"
# Hundredths of a share.
POINTS = 100
Rows = list[tuple[str, ...]]


def cohort_name(comparison: Comparison, place: int) -> str:
    """The name of a compared cohort, after the letter that it has in pictures."""
    return f"{MARKS[place]}: {set_apart(comparison.cohorts[place].name)}"


def title(competency: Competency) -> str:
    return f"{isolated(competency.code)} {competency.title.in_language(language())}"


def share(shown: ShownShare) -> str:
    """A share as exactly as its group allows."""
    return percent(shown.low) if shown.is_exact else percent_range(shown.low, shown.high)


def withheld() -> str:
    return str(_("withheld"))


def interval_name() -> str:
    return str(_("%(share)s interval", share=percent(CONFIDENCE)))


def interval(found: tuple[float, float] | None) -> str:
    return percent_range(*found) if found else "–"


def participation_rows(comparison: Comparison) -> Rows:
    """Who takes part in each compared cohort, and who was lost."""
    return [
        (
            cohort_name(comparison, place),
            str(each.joined),
            str(each.withdrawn),
            str(each.enrolled),
            str(each.with_evidence),
            percent(each.share_lost),
        )
        for place, each in enumerate(comparison.participation)
    ]


def group_columns() -> tuple[str, ...]:
    return (
        *(_("Cohort"), _("Mean"), interval_name(), _("Spread"), _("Half have reached")),
        *(_("Trainees with evidence"), _("Pieces of evidence")),
    )


def group_rows(comparison: Comparison, found: ComparedCompetency) -> Rows:
    """What may be said of each cohort."""
    return [(cohort_name(comparison, place), *group_cells(group)) for place, group in enumerate(found.groups)]


def group_cells(group: Group | None) -> tuple[str, ...]:
    """Mean, interval, spread, level, trainees and pieces of a group."""
    if group is None:
        return (str(_("no evidence")), "–", "–", "–", "0", "0")
    figures = group.figures
    if figures is None:
        return (withheld(), "–", "–", "–", str(group.trainees), withheld())
    return (share(figures.mean), interval(group.interval), *_spread(figures), str(group.trainees), str(figures.pieces))


def _spread(figures: GroupFigures) -> tuple[str, str]:
    return share(figures.spread), level_name(figures.median_level)


def pair_columns() -> tuple[str, ...]:
    return (
        *(_("First less second"), _("Difference"), _("Simultaneous %(share)s interval", share=percent(CONFIDENCE))),
        *(_("Hedges' g"), _("Its interval"), _("In both cohorts")),
    )


def pair_rows(found: ComparedCompetency) -> Rows:
    return [
        (
            f"{MARKS[pair.first]} − {MARKS[pair.second]}",
            pull(pair.difference.difference),
            points_range(pair.difference.low, pair.difference.high),
            *_effect(pair.difference.effect),
            str(pair.shared),
        )
        for pair in found.pairs
    ]


def _effect(found: Effect | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    ends = _("%(low)s to %(high)s", low=_signed(found.low), high=_signed(found.high))
    return _signed(found.g), str(ends)


def _signed(value: float) -> str:
    return isolated(f"{value:+.2f}")


def told(comparison: Comparison, pair: Pair) -> str:
    """What a difference says, in a sentence."""
    names = {"one": cohort_name(comparison, pair.first), "other": cohort_name(comparison, pair.second)}
    found = pair.difference
    reach = points_range(found.low, found.high)
    if not found.is_decided:
        words = _("%(one)s and %(other)s: the data do not say which mean is higher (%(reach)s).", reach=reach, **names)
    elif found.difference > 0:
        words = _("%(one)s has a higher mean than %(other)s (by %(reach)s).", reach=reach, **names)
    else:
        words = _("%(one)s has a lower mean than %(other)s (by %(reach)s).", reach=reach, **names)
    return str(words)


def means_chart(comparison: Comparison, found: ComparedCompetency, competency: Competency) -> Chart | None:
    """The means that are exact, with their intervals; None for none."""
    rows = [
        _mean_row(MARKS[place], cohort_name(comparison, place), group)
        for place, group in enumerate(found.groups)
        if group is not None and group.interval is not None
    ]
    return _chart_of_means(rows, str(_("Means of %(what)s", what=title(competency))), str(_("Cohort")))


def differences_chart(found: ComparedCompetency, competency: Competency) -> Chart | None:
    """Differences with their simultaneous intervals around the line of no difference; None for none."""
    rows = [_difference_row(pair) for pair in found.pairs]
    if not rows:
        return None
    return interval_chart(
        rows,
        title=str(_("Differences of the means of %(what)s", what=title(competency))),
        description=_described(rows, str(_("points"))),
        axis=str(_("Percentage points; the line is no difference")),
        columns=(
            str(_("First less second")),
            str(_("Difference")),
            str(_("Simultaneous %(share)s interval", share=percent(CONFIDENCE))),
        ),
        reference=0.0,
    )


def _difference_row(pair: Pair) -> Ranged:
    name, found = f"{MARKS[pair.first]} − {MARKS[pair.second]}", pair.difference
    return Ranged(name, name, POINTS * found.difference, POINTS * found.low, POINTS * found.high)


def _mean_row(mark: str, name: str, group: Group) -> Ranged:
    low, high = group.interval or (0.0, 0.0)
    mean = group.figures.mean.low if group.figures else 0.0
    return Ranged(mark, name, POINTS * mean, POINTS * low, POINTS * high)


def _chart_of_means(rows: Sequence[Ranged], heading: str, what: str) -> Chart | None:
    if not rows:
        return None
    return interval_chart(
        rows,
        title=heading,
        description=_described(rows, "%", decimals=0),
        axis=str(_("Mean of the estimates in per cent, with its %(share)s interval", share=percent(CONFIDENCE))),
        columns=(what, str(_("Mean")), interval_name()),
        decimals=0,
    )


def _described(rows: Sequence[Ranged], unit: str, *, decimals: int = 1) -> str:
    return str(_("; ")).join(
        str(
            _(
                "%(name)s: %(value)s %(unit)s (%(low)s to %(high)s)",
                name=row.name,
                unit=unit,
                value=format_number(row.value, decimals),
                low=format_number(row.low, decimals),
                high=format_number(row.high, decimals),
            )
        )
        for row in rows
    )


def breakdown_rows(found: Breakdown, others: str) -> Rows:
    """How many of each kind, and of all others together."""
    named: Rows = [(set_apart(name), str(count)) for name, count in found.named]
    return [*named, (others, str(found.others))] if found.others else named


def breakdown_words(found: Breakdown | None, others: str) -> str:
    """The same in one line."""
    if found is None:
        return withheld()
    return str(_("; ")).join(f"{name}: {count}" for name, count in breakdown_rows(found, others))


def composition_rows(comparison: Comparison) -> Rows:
    """Of which departments and grades the trainees of each compared cohort are."""
    return [
        (
            cohort_name(comparison, place),
            breakdown_words(each.departments, str(_("other departments"))),
            breakdown_words(each.grades, str(_("other grades"))),
        )
        for place, each in enumerate(comparison.participation)
    ]


def taking_part_rows(found: Participation) -> Rows:
    return [
        (str(_("Joined")), str(found.joined)),
        (str(_("Withdrawn")), str(found.withdrawn)),
        (str(_("Enrolled now")), str(found.enrolled)),
        (str(_("With evidence")), str(found.with_evidence)),
        (str(_("Joined, but withdrawn or without evidence")), percent(found.share_lost)),
    ]


def status_rows(report: CohortReport) -> Rows:
    names = status_names()
    return [
        (names[status], withheld() if count is None else str(count))
        for status, count in (report.statuses or {}).items()
    ]


def status_chart(report: CohortReport) -> Chart | None:
    """How many trainees have which status; None unless all counts are shown."""
    counts = report.statuses or {}
    if not counts or not report.has_plan or any(count is None for count in counts.values()):
        return None
    names = status_names()
    return chart(
        "bar",
        title=str(_("Trainees by status")),
        description=str(_("; ")).join(f"{names[status]}: {count}" for status, count in counts.items()),
        axis=str(_("Status")),
        labels=[names[status] for status in counts],
        series={str(_("Trainees")): [float(count or 0) for count in counts.values()]},
        decimals=0,
    )


def competency_rows(report: CohortReport, competencies: dict[str, Competency]) -> Rows:
    return [(title(competencies[each.code]), *group_cells(each.group)) for each in report.competencies]


def competencies_chart(report: CohortReport, competencies: dict[str, Competency]) -> Chart | None:
    rows = [
        _mean_row(each.code, title(competencies[each.code]), each.group)
        for each in report.competencies
        if each.group.interval is not None
    ]
    return _chart_of_means(rows, str(_("Means of the competencies")), str(_("Competency")))


def grown(report: CohortReport) -> list[ReportedCompetency]:
    """Competencies whose growth is shown."""
    return [each for each in report.competencies if each.growth is not None and each.growth.growth is not None]


def growth_rows(report: CohortReport, competencies: dict[str, Competency]) -> Rows:
    rows: Rows = []
    for each in grown(report):
        found = each.growth.growth if each.growth else None
        if found is not None:
            figures = (pull(found.difference), points_range(found.low, found.high), part(found.effect))
            rows.append((title(competencies[each.code]), str(found.people), *figures, moved_words(each.moved)))
    return rows


def growth_chart(report: CohortReport, competencies: dict[str, Competency]) -> Chart | None:
    rows = []
    for each in grown(report):
        found = each.growth.growth if each.growth else None
        if found is not None:
            figures = (POINTS * found.difference, POINTS * found.low, POINTS * found.high)
            rows.append(Ranged(each.code, title(competencies[each.code]), *figures))
    if not rows:
        return None
    return interval_chart(
        rows,
        title=str(_("Growth of the estimates")),
        description=_described(rows, str(_("points"))),
        axis=str(_("Percentage points; the line is no difference")),
        columns=(str(_("Competency")), str(_("Mean difference")), interval_name()),
        reference=0.0,
    )


def moved_words(found: Sequence[Moved]) -> str:
    """By what the mean moved, the strongest first."""
    return str(_("; ")).join(f"{_kinds(each)}: {pull(each.pull)}" for each in found) or "–"


def _kinds(found: Moved) -> str:
    return str(_(", ")).join(kind_name(kind) for kind in found.kinds) or str(_("all else, and age"))


def curiosity_rows(found: CuriosityFigures) -> Rows:
    ends = _("%(low)s to %(high)s", low=format_number(found.low, 0), high=format_number(found.high, 0))
    return [
        (str(_("Aim")), percent(found.aim)),
        (str(_("Uptake")), percent(found.uptake)),
        (str(_("Pace")), percent(found.pace)),
        (str(_("Curiosity velocity, mean")), format_number(found.index, 0)),
        (interval_name(), str(ends)),
    ]


def survey_rows(found: WaveFigures) -> Rows:
    """Every scale of a wave with its mean from 1 to 5 and the interval of that."""
    return [row[:3] for row in scale_rows(found)]


def choices(cohorts: Sequence[Cohort]) -> list[tuple[str, str]]:
    return [(str(each.id), each.name) for each in cohorts]
