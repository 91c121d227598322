"""What may be shown of the answers of a cohort: distributions, means, reliability, and change of who is linked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.cohorts.growth import Growth, growth, interval
from app.content.schemas import Instrument, SurveyItem, SurveyScale
from app.core.privacy import (
    SMALLEST_EXACT_GROUP,
    Counts,
    ShownShare,
    is_large_enough_for_survey,
    may_stand_beside,
    shown_opinions,
    shown_share,
)
from app.surveys import scoring
from app.surveys.reliability import Coefficient, reliabilities
from app.surveys.scoring import Answers

Response = tuple[str | None, Answers]


@dataclass(frozen=True)
class ItemFigures:
    """How often an item was answered in each way; None where that is withheld."""

    item: SurveyItem
    counts: Counts | None


@dataclass(frozen=True)
class ScaleFigures:
    """A scale in one wave. mean: a share (`scoring.as_share`), None where it is withheld.

    people: who answered more than half of its items. low, high: the 95% interval of the mean, a share, of groups large
    enough for exact figures. complete: who left out none of its items; alpha and omega are of these.
    """

    scale: SurveyScale
    people: int
    mean: ShownShare | None
    interval: tuple[float, float] | None
    complete: int
    alpha: Coefficient | None
    omega: Coefficient | None


@dataclass(frozen=True)
class WaveFigures:
    """One wave. Only of groups that a survey may be shown of at all."""

    answered: int
    scales: tuple[ScaleFigures, ...]
    items: tuple[ItemFigures, ...]


@dataclass(frozen=True)
class Change:
    """A scale before and after, of those whose answers are linked. growth: None where it is withheld."""

    scale: SurveyScale
    growth: Growth | None


def prepare(instrument: Instrument, waves: Iterable[Sequence[Answers]]) -> None:
    """Have alpha and omega of several waves worked out together, which takes hardly longer than those of one."""
    rows = [
        scoring.complete_rows(instrument.items_of(scale.id), responses)
        for responses in waves
        for scale in instrument.scales
    ]
    reliabilities(filter(_bears_reliability, rows))


def wave_figures(
    instrument: Instrument, responses: Sequence[Answers], *, reliability: bool = True
) -> WaveFigures | None:
    """What may be shown of a wave that is closed; None of a group that is too small.

    reliability: whether alpha and omega are wanted, which take seconds where `prepare` was not asked before.
    """
    if not is_large_enough_for_survey(len(responses)):
        return None
    return WaveFigures(
        answered=len(responses),
        scales=tuple(_scale_figures(instrument, scale, responses, reliability) for scale in instrument.scales),
        items=tuple(
            ItemFigures(item, shown_opinions(scoring.counts(item, responses)))
            for scale in instrument.scales
            for item in instrument.items_of(scale.id)
        ),
    )


def changes(instrument: Instrument, before: Sequence[Response], after: Sequence[Response]) -> tuple[Change, ...]:
    """Change of every scale among those whose answers of both waves bear the same mark."""
    return tuple(
        Change(scale, _growth(_means(instrument, scale, before), _means(instrument, scale, after)))
        for scale in instrument.scales
    )


def _scale_figures(
    instrument: Instrument, scale: SurveyScale, responses: Sequence[Answers], reliability: bool
) -> ScaleFigures:
    items = instrument.items_of(scale.id)
    shares = sorted(
        scoring.as_share(mean) for answers in responses if (mean := scoring.scale_mean(items, answers)) is not None
    )
    rows = scoring.complete_rows(items, responses)
    found = reliabilities([rows])[0] if reliability and _bears_reliability(rows) else None
    return ScaleFigures(
        scale=scale,
        people=len(shares),
        mean=_shown_mean(shares),
        interval=interval(shares) if len(shares) >= SMALLEST_EXACT_GROUP else None,
        complete=len(rows),
        alpha=found.alpha if found else None,
        omega=found.omega if found else None,
    )


def _bears_reliability(rows: Sequence[object]) -> bool:
    """Whether so many answered a scale wholly that its alpha and omega may be shown."""
    return len(rows) >= SMALLEST_EXACT_GROUP


def _shown_mean(shares: Sequence[float]) -> ShownShare | None:
    if not is_large_enough_for_survey(len(shares)):
        return None
    return shown_share(math.fsum(shares) / len(shares), len(shares))


def _means(
    instrument: Instrument, scale: SurveyScale, responses: Sequence[Response]
) -> tuple[Mapping[str, float], int]:
    """Shares of the linked by their mark, and how many have one, linked or not."""
    items = instrument.items_of(scale.id)
    found = [(mark, scoring.scale_mean(items, answers)) for mark, answers in responses]
    shares = [(mark, scoring.as_share(mean)) for mark, mean in found if mean is not None]
    return {mark: share for mark, share in shares if mark is not None}, len(shares)


def _growth(before: tuple[Mapping[str, float], int], after: tuple[Mapping[str, float], int]) -> Growth | None:
    """Growth of those with both; None of too few, or where the rest of a wave is so few that it would follow."""
    (first, first_count), (second, second_count) = before, after
    both = sorted(first.keys() & second.keys())
    linked = range(len(both))
    beside = all(may_stand_beside(linked, range(count)) for count in (first_count, second_count))
    if len(both) < SMALLEST_EXACT_GROUP or not beside:
        return None
    # In the order of their values: marks change when linking ends, and the interval depends on the order.
    return growth(sorted((first[mark], second[mark]) for mark in both))
