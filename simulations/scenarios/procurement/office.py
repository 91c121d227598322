"""One month of the review cell: the order of the list, reviews, holds and hearings, what stands afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.scenarios.procurement.belief import NOT_REVIEWED
from simulations.scenarios.procurement.world import (
    FLAGS,
    HONEST,
    SCHEMES,
    Climate,
    Hidden,
    Parameters,
    Tenders,
    detection,
)
from simulations.types import Value

DAYS = 20
DESK, FIELD, FORENSIC = range(3)
REVIEW_DAYS = np.array([1, 4, 8], dtype=np.intp)
AI_MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
COMPARISONS = ("all_offices", "own_peers")
RANKINGS = ("points", "money")
HEARINGS = ("none", "written")
PUBLICATIONS = ("none", "core", "full")
PARTS = ("overpaid", "delay", "office")
_DICE_KEPT = 16
WEIGHT_FIELDS = tuple(f"points_{flag}" for flag in FLAGS)


@dataclass(frozen=True)
class Plan:
    """The decision of one month."""

    lot: int
    reviews: tuple[int, int, int]  # from the list: desk, field, forensic
    points: Floats  # by flag
    own_peers: bool
    by_money: bool
    ai_mode: int
    holds: int
    hearing: bool
    publication: int


def plan(values: Mapping[str, Value]) -> Plan:
    """A form as a plan."""
    return Plan(
        lot=int(values["lot_days"]),
        reviews=(int(values["desk_days"]), int(values["field_days"]) // 4, int(values["forensic_days"]) // 8),
        points=np.array([float(values[key]) for key in WEIGHT_FIELDS]),
        own_peers=values["comparison"] == "own_peers",
        by_money=values["ranking"] == "money",
        ai_mode=AI_MODES.index(str(values["ai_mode"])),
        holds=int(values["holds"]),
        hearing=values["hearing"] == "written",
        publication=PUBLICATIONS.index(str(values["publication"])),
    )


@dataclass(frozen=True)
class Month:
    """The dice of one month, drawn before any decision; one a tender."""

    lot: Floats
    detect: Floats
    clear: Floats


@lru_cache(maxsize=_DICE_KEPT)
def draw_month(tenders: int, seed: int, month: int) -> Month:
    """Dice of the lot, of what reviews find and of what hearings settle."""
    dice = stream(seed, "reviews", month).random((3, tenders))
    return Month(dice[0], dice[1], dice[2])


def tool_points(p: Parameters, tenders: Tenders) -> Floats:
    """The vendor's anomaly score: fixed points for flags, the same for every office, and its own signal."""
    points = tenders.flags @ p.vendor_points + p.signal_points * tenders.signal
    return np.asarray(np.round(points, 9), dtype=np.float64)


def card_points(p: Parameters, tenders: Tenders, chosen: Plan) -> Floats:
    """The points by which the list is made."""
    if chosen.ai_mode == AUTO:
        return tool_points(p, tenders)
    points = (tenders.rare_flags if chosen.own_peers else tenders.flags) @ chosen.points
    if chosen.ai_mode == ADVISE:
        signal = tenders.signal_beside_peers if chosen.own_peers else tenders.signal
        points = points + p.signal_points * signal
    return np.asarray(np.round(points, 9), dtype=np.float64)


def card_chance(p: Parameters, points: Floats) -> Floats:
    """Points read as a probability of abuse, 0 to 1 (logit)."""
    return np.asarray(0.5 * (1 + np.tanh((p.point_value * points - p.card_offset) / 2)), dtype=np.float64)


def ranked(worth: Floats) -> Ints:
    """Places along the last axis, highest first; equal to nine decimals means equal, the earlier then wins."""
    return np.argsort(-np.round(worth, 9), axis=-1, kind="stable").astype(np.intp)


def list_order(p: Parameters, tenders: Tenders, chosen: Plan) -> Ints:
    """Rows from the top of the list down."""
    points = card_points(p, tenders, chosen)
    return ranked(card_chance(p, points) * tenders.price if chosen.by_money else points)


@dataclass(frozen=True)
class Outcome:
    """What one month brought; most of it is hidden from the office."""

    level: Ints  # kind of review by tender, ``NOT_REVIEWED`` for most
    by_lot: Bools
    held: Bools
    proven: Bools
    ordered: Floats  # PKR m ordered back, by tender
    recovered: Floats  # the same once appeals are decided
    hold_days: Floats  # days a payment was held, by tender
    honest_days: float
    losses: Floats  # by part, PKR m


def choose_reviews(tenders: Tenders, order: Ints, dice: Month, chosen: Plan) -> tuple[Ints, Bools]:
    """Level of review by tender and which were drawn by lot, among those the list left."""
    level = np.full(len(tenders), NOT_REVIEWED, dtype=np.intp)
    desk, field, forensic = chosen.reviews
    counts = (forensic, field, desk)
    level[order[: sum(counts)]] = np.repeat([FORENSIC, FIELD, DESK], counts)
    rest = order[sum(counts) :]
    by_lot = np.zeros(len(tenders), dtype=np.bool_)
    by_lot[rest[np.argsort(dice.lot[rest], kind="stable")[: chosen.lot]]] = True
    level[by_lot] = DESK
    return level, by_lot


def play_month(p: Parameters, tenders: Tenders, dice: Month, chosen: Plan, truth: Hidden, month: int) -> Outcome:
    """Review, hold, hear and order recovery."""
    order = list_order(p, tenders, chosen)
    level, by_lot = choose_reviews(tenders, order, dice, chosen)
    abused = tenders.kind != HONEST
    chance = detection(p, truth.weeded[month])[np.maximum(tenders.kind - 1, 0), level]
    proven = abused & (level >= 0) & (dice.detect < chance)
    held = np.zeros(len(tenders), dtype=np.bool_)
    held[order[: chosen.holds]] = True
    cleared = held & chosen.hearing & (dice.clear < np.where(abused, p.hearing_escape, p.hearing_clears))
    stopped = held & ~cleared
    ordered = np.where(proven, np.where(stopped, p.recovery[1], p.recovery[0]) * tenders.overpaid, 0.0)
    recovered = ordered if chosen.hearing else ordered * (1 - float(p.overturned[truth.overturned]))
    days = np.where(held, np.where(cleared, p.hold_days[0], p.hold_days[1]), 0.0)
    honest_days = float(days[~abused].sum())
    hearings = float(np.count_nonzero(held | proven)) if chosen.hearing else 0.0
    office = DAYS * p.day_cost + hearings * p.hearing_cost + float(p.publication_cost[chosen.publication])
    losses = (float((tenders.overpaid - recovered).sum()), p.hold_cost * honest_days, office)
    return Outcome(level, by_lot, held, proven, ordered, recovered, days, honest_days, np.array(losses))


def next_climate(p: Parameters, climate: Climate, tenders: Tenders, chosen: Plan, outcome: Outcome) -> Climate:
    """What this month leaves to the next: openness moves to its goal, proven cases are remembered."""
    goal = float(p.openness_goal[chosen.publication])
    openness = climate.openness + p.openness_speed * (goal - climate.openness)
    counts = np.bincount(tenders.kind[outcome.proven], minlength=len(SCHEMES) + 1)[1:]
    return Climate(openness, p.memory * climate.proven + counts, chosen.lot)
