"""What may be shown of the answers of a cohort: distributions, means, reliability, and change of who is linked."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.cohorts.growth import Growth, growth, interval
from app.content.schemas import Instrument, SurveyItem, SurveyScale
from app.core.privacy import (
    SMALLEST_EXACT_GROUP,
    Counts,
    ShownShare,
    is_large_enough_for_survey,
    shown_opinions,
    shown_share,
    tells_of_few,
)
from app.surveys import scoring
from app.surveys.models import WaveName
from app.surveys.queries import Sheet
from app.surveys.reliability import Coefficient, reliabilities
from app.surveys.scoring import Answers

# Change from one wave to another, in the order in which it comes to be known.
STEPS = (
    (WaveName.BEFORE, WaveName.AFTER),
    (WaveName.BEFORE, WaveName.LATER),
    (WaveName.AFTER, WaveName.LATER),
)
# Whoever has a mean of a scale in a wave: by their pair, or by a number of no meaning where they have none.
Shares = Mapping[Hashable, float]


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
    """A scale in two waves, of those whose answers are linked. growth: None where it is withheld."""

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


@dataclass(frozen=True)
class Step:
    """Every scale from one wave to another."""

    earlier: WaveName
    later: WaveName
    changes: tuple[Change, ...]


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


def steps(instrument: Instrument, waves: Mapping[WaveName, Sequence[Sheet]]) -> tuple[Step, ...]:
    """Change of every scale between all closed waves, of those whose answers of both have a pair in common."""
    shares = {
        scale.id: {name: _shares(instrument, scale, sheets) for name, sheets in waves.items()}
        for scale in instrument.scales
    }
    grown = {scale_id: _grown(found) for scale_id, found in shares.items()}
    return tuple(
        Step(
            earlier,
            later,
            tuple(Change(scale, grown[scale.id].get((earlier, later))) for scale in instrument.scales),
        )
        for earlier, later in STEPS
        if earlier in waves and later in waves
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


def _shares(instrument: Instrument, scale: SurveyScale, sheets: Sequence[Sheet]) -> Shares:
    """The share of everybody who has a mean of the scale."""
    items = instrument.items_of(scale.id)
    found = ((each.pair or place, scoring.scale_mean(items, each.answers)) for place, each in enumerate(sheets))
    return {person: scoring.as_share(mean) for person, mean in found if mean is not None}


def _grown(waves: Mapping[WaveName, Shares]) -> dict[tuple[WaveName, WaveName], Growth]:
    """Growth of each step that may be shown beside the means of the waves and what was shown before it.

    A step comes to be known when its later wave is closed, and what was shown by then is never withheld again.
    """
    shown: dict[WaveName, list[frozenset[Hashable]]] = {name: [frozenset(found)] for name, found in waves.items()}
    grown = {}
    for earlier, later in STEPS:
        linked = _linked(waves.get(earlier, {}), waves.get(later, {}))
        if len(linked) < SMALLEST_EXACT_GROUP or any(tells_of_few([*shown[name], linked]) for name in (earlier, later)):
            continue
        for name in (earlier, later):
            shown[name].append(linked)
        # In the order of their values: pairs say nothing, and the interval depends on the order.
        pairs = sorted((waves[earlier][person], waves[later][person]) for person in linked)
        grown[earlier, later] = growth(pairs)
    return grown


def _linked(earlier: Shares, later: Shares) -> frozenset[Hashable]:
    return frozenset(person for person in earlier.keys() & later.keys() if isinstance(person, str))
