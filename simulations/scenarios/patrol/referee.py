"""Possible worlds given what the office knows, and decisions played out in many worlds at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.scenarios.patrol.belief import ORDERS, belief, history_evidence, survey_evidence
from simulations.scenarios.patrol.office import HOURS_FIELDS, Outcome, State, plans, play_week
from simulations.scenarios.patrol.policies import Desk, best_plan
from simulations.scenarios.patrol.world import (
    BEATS,
    MOST_COMMUNITY,
    MOST_HOURS,
    Parameters,
    Truth,
    draw_history,
    draw_survey,
    draw_week,
    found_share,
    left_share,
    rates,
    status_quo,
)
from simulations.types import Value

_MOVED_HOURS = 20
Record = TypeVar("Record")


@dataclass(frozen=True)
class Position:
    """Where one run stands. ``survey`` and ``history`` are what those inquiries would find this week."""

    seed: int
    watched: int
    truth: Truth
    state: State
    survey: Ints
    history: Ints
    last: Mapping[str, float]


def festival_known(p: Parameters, week: int, truth: Truth) -> Ints | None:
    """The festival's beat once the newspapers have named it, a week after it began."""
    return truth.festival if week > p.festival_week else None


def asked_evidence(p: Parameters, position: Position, week: int = 0, survey: Ints | None = None) -> Floats:
    """What ``best`` learns from its inquiries of a week, this one unless told: survey, and in week 1 the history."""
    week, survey = week or position.state.round, position.survey if survey is None else survey
    told = survey_evidence(p, week, survey[:, : p.best_streets])
    if week > 1:
        return told
    hours = status_quo(p, position.watched).astype(np.float64)
    return np.asarray(told + history_evidence(p, hours, position.history), dtype=np.float64)


def desk(p: Parameters, position: Position, rounds: int, *, asked: bool = True) -> Desk:
    """What the office knows: the record, and with ``asked`` all that ``best`` has asked up to now."""
    state = position.state
    evidence = state.evidence + state.told + asked_evidence(p, position) if asked else state.evidence
    known = festival_known(p, state.round, position.truth)
    return Desk(state.round, rounds, position.watched, known, evidence, state.trust_grid)


def candidates(centre: Mapping[str, Value], others: Sequence[Mapping[str, Value]]) -> tuple[Mapping[str, Value], ...]:
    """A decision, three neighbours (hours moved, community hours put the other way) and ``others``.

    The others are what the best policy would decide without its inquiries, and after findings they might have
    brought: without decisions that lie apart no finding has a value.
    """
    first, second, *_, last = sorted(HOURS_FIELDS, key=lambda key: (-float(centre[key]), key))
    near = (_moved(centre, first, last), _moved(centre, last, first), _other_community(centre, first, second))
    return (dict(centre), *near, *(dict(form) for form in others))


def _moved(centre: Mapping[str, Value], giver: str, taker: str) -> dict[str, Value]:
    have, get = int(centre[giver]), int(centre[taker])
    step = max(0, min(_MOVED_HOURS, have, MOST_HOURS - get))
    return {**centre, giver: have - step, taker: get + step}


def _other_community(centre: Mapping[str, Value], first: str, second: str) -> dict[str, Value]:
    spent, half = int(centre["community_hours"]), MOST_COMMUNITY // 2
    if spent:
        shares = {first: int(centre[first]) + half, second: int(centre[second]) + spent - half}
        if max(shares.values()) <= MOST_HOURS:
            return {**centre, **shares, "community_hours": 0}
    taken = min(MOST_COMMUNITY, int(centre[first]))
    return {**centre, first: int(centre[first]) - taken, "community_hours": spent + taken} if not spent else {**centre}


def possible(
    p: Parameters, position: Position, known: Desk, replicates: int, seed: int, *, asked: bool
) -> list[Position]:
    """Worlds drawn from the exact posterior: order of rates, festival, reporting shares, and all dice to come.

    What stayed unrecorded last week (incidents, the split of finds) is drawn given the record. With ``asked`` worlds
    agree with all surveys that ``best`` has asked for and with the history; otherwise these are drawn anew.
    """
    dice = stream(seed, "possible", position.state.round)
    after = belief(known.evidence, position.watched, known.festival)
    joint = np.cumsum(after.joint.ravel())
    places = np.searchsorted(joint, dice.random(replicates) * joint[-1], side="right")
    festivals, orders = np.divmod(np.minimum(places, len(joint) - 1), len(ORDERS))
    beats = np.arange(len(BEATS))
    found = []
    for order, festival in zip(orders, festivals, strict=True):
        level = ORDERS[order]
        chances = np.cumsum(after.trust[beats, level, (beats == festival).astype(np.intp)], axis=-1)
        trust = (dice.random(len(BEATS))[:, None] * chances[:, -1:] > chances).sum(axis=-1).astype(np.intp)
        truth = Truth(level, np.minimum(trust, p.trust_levels - 1), np.array(festival, dtype=np.intp))
        found.append(_world(p, position, truth, int(dice.integers(2**31)), asked=asked))
    return found


def _world(p: Parameters, position: Position, truth: Truth, seed: int, *, asked: bool) -> Position:
    state = position.state
    trust = state.trust_grid[np.arange(len(BEATS)), truth.trust]
    last = _last_week(p, state, truth, trust, seed)
    world = replace(position, seed=seed, truth=truth, state=replace(state, trust=trust, last=last))
    survey = draw_survey(p, truth, seed, state.round)
    if asked:
        survey[:, : p.best_streets] = position.survey[:, : p.best_streets]
        return replace(world, survey=survey)
    world = replace(world, survey=survey, history=draw_history(p, truth, seed, position.watched))
    return replace(world, state=replace(world.state, told=_told_anew(p, world)))


def _told_anew(p: Parameters, world: Position) -> Floats:
    """What the inquiries of ``best`` in the weeks before would have told in this world."""
    weeks = range(1, world.state.round)
    surveys = {week: draw_survey(p, world.truth, world.seed, week) for week in weeks}
    told = [asked_evidence(p, world, week, survey) for week, survey in surveys.items()]
    return np.asarray(np.zeros(world.state.told.shape) + sum(told), dtype=np.float64)


def _last_week(p: Parameters, state: State, truth: Truth, trust: Floats, seed: int) -> Outcome:
    """Last week again with what nobody saw drawn anew: which finds were incidents, and what was never recorded."""
    dice, last = stream(seed, "last_week", state.round), state.last
    silent = rates(p, truth, state.round - 1) * left_share(p, last.hours) * (1 - trust)
    serious = dice.binomial(last.found, silent / (silent + p.petty_rate)).astype(np.intp)
    unseen = dice.poisson(silent * (1 - found_share(p, last.hours)))
    return replace(last, serious=serious, incidents=(last.reported + serious + unseen).astype(np.intp))


def stacked(records: Sequence[Record]) -> Record:
    """Equal records with their arrays stacked along a new first axis; whole numbers must agree."""
    values: dict[str, Any] = {}
    for field in fields(records[0]):  # type: ignore[arg-type]
        parts = [getattr(record, field.name) for record in records]
        if isinstance(parts[0], np.ndarray):
            values[field.name] = np.stack(parts)
        else:
            values[field.name] = parts[0] if isinstance(parts[0], int) else stacked(parts)
    return type(records[0])(**values)


def losses_to_go(
    p: Parameters, rounds: int, worlds: Sequence[Position], decisions: Sequence[Mapping[str, Value]]
) -> Floats:
    """Loss from now on of each decision followed by ``best``, (decision, world); all are played side by side.

    Decisions meet the same worlds, dice and surveys to come (common random numbers).
    """
    first = worlds[0]
    truth, state = stacked([world.truth for world in worlds]), stacked([world.state for world in worlds])
    asked = [np.broadcast_to(asked_evidence(p, world), world.state.told.shape) for world in worlds]
    state = replace(state, told=state.told + np.stack(asked), loss=np.zeros(state.loss.shape))
    chosen = plans(decisions)
    for week in range(first.state.round, rounds + 1):
        if week > first.state.round:
            surveys = np.stack([draw_survey(p, world.truth, world.seed, week) for world in worlds])
            told = survey_evidence(p, week, surveys[..., : p.best_streets])
            state = replace(state, told=state.told + told)
            chosen = best_plan(p, _desk(p, first, truth, state, rounds))
        dice = stacked([draw_week(p, world.truth, world.seed, week) for world in worlds])
        state = play_week(p, truth, state, dice, chosen)
    return np.asarray(state.loss.sum(axis=-1), dtype=np.float64)


def _desk(p: Parameters, first: Position, truth: Truth, state: State, rounds: int) -> Desk:
    known = festival_known(p, state.round, truth)
    return Desk(state.round, rounds, first.watched, known, state.evidence + state.told, state.trust_grid)
