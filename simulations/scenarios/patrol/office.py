"""One week: patrols go out, incidents happen, the record grows, trust moves. Leading axes are worlds or decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.patrol.belief import week_evidence
from simulations.scenarios.patrol.tool import DATA, SPREADS, scores, tool_shares, updated, week_record
from simulations.scenarios.patrol.world import (
    BEATS,
    Parameters,
    Truth,
    Week,
    complaint_rates,
    found_share,
    left_share,
    most_complaints,
    rates,
)
from simulations.types import Value

PARTS = ("incidents", "unseen", "complaints")
HOURS_FIELDS = tuple(f"hours_{beat}" for beat in BEATS)


@dataclass(frozen=True)
class Plan:
    """The decision of a week; choices as their number in the lists of fields."""

    hours: Floats  # patrol hours the officer gives each beat, (..., beat)
    tool_hours: Floats
    community: Floats  # community hours by beat, (..., beat)
    data: Ints
    spread: Ints


def plans(forms: Sequence[Mapping[str, Value]]) -> Plan:
    """Forms as one plan with a leading axis of decisions and one of worlds."""
    community = np.zeros((len(forms), len(BEATS)))
    for row, form in zip(community, forms, strict=True):
        row[BEATS.index(str(form["community_beat"]))] = float(form["community_hours"])
    return Plan(
        hours=np.array([[float(form[key]) for key in HOURS_FIELDS] for form in forms])[:, None, :],
        tool_hours=np.array([float(form["tool_hours"]) for form in forms])[:, None],
        community=community[:, None, :],
        data=np.array([DATA.index(str(form["ai_data"])) for form in forms], dtype=np.intp)[:, None],
        spread=np.array([SPREADS.index(str(form["ai_spread"])) for form in forms], dtype=np.intp)[:, None],
    )


def plan(form: Mapping[str, Value]) -> Plan:
    """One form as a plan without leading axes."""
    many = plans([form])
    return Plan(**{field.name: getattr(many, field.name)[0, 0] for field in fields(Plan)})


@dataclass(frozen=True)
class Outcome:
    """What a week brought, by beat. ``incidents`` and ``serious`` are hidden."""

    hours: Floats
    incidents: Ints
    reported: Ints
    serious: Ints  # unreported incidents that patrols found
    found: Ints  # those and the petty offences found
    complaints: Ints


@dataclass(frozen=True)
class State:
    """Everything that changes in a run; arrays by (..., beat) unless it says otherwise."""

    round: int  # the week about to be played, 1-based
    trust: Floats  # hidden share of incidents that people report
    trust_grid: Floats  # what it would be for each first share, (..., beat, share)
    evidence: Floats  # log-likelihood of the record, see ``belief``
    told: Floats  # and of what ``best`` would have asked in the weeks before
    record: Floats  # the tool's averages, (..., data, beat)
    last: Outcome
    hours: Floats  # patrol hours since week 1
    rates: Floats  # sum over weeks of the rates without patrols
    loss: Floats  # (..., part), in incidents


def patrol_hours(p: Parameters, state: State, chosen: Plan) -> Floats:
    """Hours by beat: the officer's own and the tool's, (..., beat)."""
    shares = tool_shares(p, scores(state.record, chosen.data), chosen.spread)
    return np.asarray(chosen.hours + chosen.tool_hours[..., None] * shares, dtype=np.float64)


def _count(die: Floats, many: Ints, chance: Floats) -> Ints:
    """How many of the first ``many`` dice fall below the chance."""
    real = np.arange(die.shape[-1]) < many[..., None]
    return np.asarray((real & (die < chance[..., None])).sum(axis=-1), dtype=np.intp)


def happenings(p: Parameters, hours: Floats, trust: Floats, rate: Floats, dice: Week) -> Outcome:
    """Thin the week's possible incidents by patrols, reports and finds; more hours never mean more incidents."""
    real = np.arange(dice.prevented_die.shape[-1]) < dice.incidents[..., None]
    happened = real & (dice.prevented_die < left_share(p, hours)[..., None])
    reported = happened & (dice.reported_die < trust[..., None])
    chance = found_share(p, hours)
    serious = (happened & ~reported & (dice.found_die < chance[..., None])).sum(axis=-1).astype(np.intp)
    complained = complaint_rates(p, hours, rate) / most_complaints(p)
    return Outcome(
        hours=hours,
        incidents=happened.sum(axis=-1).astype(np.intp),
        reported=reported.sum(axis=-1).astype(np.intp),
        serious=serious,
        found=serious + _count(dice.petty_die, dice.petty, chance),
        complaints=_count(dice.complaint_die, dice.complaints, complained),
    )


def moved_trust(p: Parameters, trust: Floats, complaints: Ints, community: Floats) -> Floats:
    """Reporting share after a week: complaints lower it, community hours raise it."""
    change = p.trust_gain * community - p.trust_loss * complaints
    return np.asarray(np.clip(trust + change, p.trust_least, p.trust_most), dtype=np.float64)


def week_loss(p: Parameters, outcome: Outcome) -> Floats:
    """Loss by part, (..., part): incidents, those nobody learns of, complaints."""
    unseen = outcome.incidents - outcome.reported - outcome.serious
    counts = np.stack([outcome.incidents.sum(-1), unseen.sum(-1), outcome.complaints.sum(-1)], axis=-1)
    return np.asarray(counts * np.array([1.0, p.unseen_cost, p.complaint_cost]), dtype=np.float64)


def play_week(p: Parameters, truth: Truth, state: State, dice: Week, chosen: Plan) -> State:
    """Patrols go out and the week ends; ``State.last`` says what happened."""
    hours, rate = patrol_hours(p, state, chosen), rates(p, truth, state.round)
    outcome = happenings(p, hours, state.trust, rate, dice)
    seen = (outcome.reported, outcome.found, outcome.complaints)
    return replace(
        state,
        round=state.round + 1,
        trust=moved_trust(p, state.trust, outcome.complaints, chosen.community),
        trust_grid=moved_trust(p, state.trust_grid, outcome.complaints[..., None], chosen.community[..., None]),
        evidence=state.evidence + week_evidence(p, state.round, hours, state.trust_grid, *seen),
        record=updated(p, state.record, week_record(hours, outcome.reported, outcome.found)),
        last=outcome,
        hours=state.hours + hours,
        rates=state.rates + rate,
        loss=state.loss + week_loss(p, outcome),
    )


def opening(p: Parameters, truth: Truth, hours: Floats, dice: Week) -> State:
    """The first morning: the week before has been played at the hours of old, and nothing counts yet."""
    trust = p.trust_grid[truth.trust]
    outcome = happenings(p, hours, trust, rates(p, truth, 0), dice)
    grid = np.broadcast_to(p.trust_grid, (len(BEATS), p.trust_levels)).copy()
    seen = (outcome.reported, outcome.found, outcome.complaints)
    return State(
        round=1,
        trust=moved_trust(p, trust, outcome.complaints, np.zeros(len(BEATS))),
        trust_grid=moved_trust(p, grid, outcome.complaints[..., None], np.zeros((len(BEATS), 1))),
        evidence=week_evidence(p, 0, hours, grid, *seen),
        told=np.zeros((len(BEATS), len(p.rates), 2, p.trust_levels)),
        record=week_record(hours, outcome.reported, outcome.found).astype(np.float64),
        last=outcome,
        hours=np.zeros(len(BEATS)),
        rates=np.zeros(len(BEATS)),
        loss=np.zeros(len(PARTS)),
    )
