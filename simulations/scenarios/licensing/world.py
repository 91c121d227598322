"""The hidden truth of a run and the dice of each week, drawn before any decision is known."""

from dataclasses import dataclass, fields

import numpy as np

from simulations.engine import Floats, stream

BLOCKS = ("8_10", "10_12", "12_14", "14_16")
GROUPS = ("plain", "two_spellings", "old_photo")
PLAIN, TWO_SPELLINGS, OLD_PHOTO = range(3)
DAYS = 5
BLOCK_HOURS = 2
SLICE_MINUTES = 6.0
SLICES_IN_BLOCK = int(BLOCK_HOURS * 60 / SLICE_MINUTES)
SLICES = SLICES_IN_BLOCK * len(BLOCKS)
OFFICERS = 28  # officers for a block of two hours: 28 x 2 h x 5 days = 280 staff hours a week
LEAST_COUNTERS, MOST_COUNTERS, MOST_DOOR = 2, 10, 12
ASSISTED, OTHERS = range(2)  # classes of the queue
MOST_FEW = 6


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    applicants_per_day: float
    amnesty_factor: float
    amnesty_weeks: Floats
    template_before: float
    afternoon_share: float
    assisted_share: float
    assisted_weight: float
    no_show_share: float
    opening_pool: float
    return_share: float
    patience_minutes: float
    incomplete_share: float
    incomplete_share_reminded: float
    incomplete_appointment: float
    incomplete_minutes: float
    check_minutes: Floats
    door_minutes: float
    group_shares: Floats
    plain_rejects: float
    photo_rejects: float
    known_caught: float
    new_caught: float
    reference_threshold: float
    officer_false: float
    officer_detects: Floats
    advised_false: Floats
    advised_detects: Floats
    door_false: float
    door_detects: float
    clerical_error: float
    forged_share: float
    forged_agent_share: float
    audit_detects: float
    agent_days: float
    agent_slope: float
    agent_most: float
    agent_without_slots: float
    agent_per_slot: float
    agent_published: float
    spread_published: float
    slot_relief: float
    name_rejects_values: Floats
    name_rejects_prior: Floats
    forgery_values: Floats
    forgery_prior: Floats
    new_share_values: Floats
    new_share_prior: Floats
    peak_values: Floats
    peak_prior: Floats
    hour_value: float
    visit_hours: float
    door_hours: float
    pending_day_value: float
    appointment_days: float
    forged_value: float
    refusal_value: float
    bribe_value: float
    reminder_cost: float
    audit_cost: float
    publish_cost: float
    equity_threshold: float
    equity_smoothing: float
    claimed_accuracy: float
    card_files: float
    card_spellings: float
    reason_noise: float
    past_forged: float
    case_forged_share: float
    case_threshold: float
    case_group_shares: Floats
    case_agent: Floats
    case_seal_doubtful: Floats
    best_pool_value: float


@dataclass(frozen=True)
class Truth:
    """What nobody in the office knows; one entry a lane."""

    name_rejects: Floats  # share of honest files with two spellings that the tool rejects at the reference threshold
    forgery: Floats  # forged papers as a multiple of the assumed share
    new_share: Floats  # share of forgeries made with the new template once it is about
    peak: Floats  # share of walk-ins who come between ten and twelve


def _drawn(values: Floats, prior: Floats, die: Floats) -> Floats:
    place = np.searchsorted(np.round(np.cumsum(prior / prior.sum())[:-1], 12), die, side="right")
    return np.asarray(values[place], dtype=np.float64)


def draw_truth(p: Parameters, seed: int) -> Truth:
    """The truth of one run, one lane."""
    die = stream(seed, "truth").random((4, 1))
    return Truth(
        name_rejects=_drawn(p.name_rejects_values, p.name_rejects_prior, die[0]),
        forgery=_drawn(p.forgery_values, p.forgery_prior, die[1]),
        new_share=_drawn(p.new_share_values, p.new_share_prior, die[2]),
        peak=_drawn(p.peak_values, p.peak_prior, die[3]),
    )


@dataclass(frozen=True)
class Week:
    """The dice of one week with a leading axis of worlds; they stand before any decision."""

    arrivals: Floats  # (world, day, slice, class), standard normal
    service: Floats  # (world, day, slice, counter), 0 to 1
    turn: Floats  # (world, day, slice), 0 to 1
    patience: Floats  # (world, day, slice, class), 0 to 1
    flags: Floats  # (world, group), standard normal, as all below
    wrong: Floats  # (world, group)
    forged: Floats  # (world, three): confirmed at the door, found by audit, never found


def draw_week(seed: int, number: int, days: int = DAYS) -> Week:
    """Dice of week ``number`` of one world."""
    shape = (1, days, SLICES)
    return Week(
        arrivals=stream(seed, "arrivals", number).standard_normal((*shape, 2)),
        service=stream(seed, "service", number).random((*shape, MOST_COUNTERS)),
        turn=stream(seed, "turn", number).random(shape),
        patience=stream(seed, "patience", number).random((*shape, 2)),
        flags=stream(seed, "flags", number).standard_normal((1, len(GROUPS))),
        wrong=stream(seed, "wrong", number).standard_normal((1, len(GROUPS))),
        forged=stream(seed, "forged", number).standard_normal((1, 3)),
    )


def joined_weeks(weeks: list[Week]) -> Week:
    """The dice of several worlds side by side."""
    return Week(*(np.concatenate([getattr(week, field.name) for week in weeks]) for field in fields(Week)))


def normal_share(normal: Floats) -> Floats:
    """Probability below a standard normal value, to 0.00014. Source: Bowling et al. (2009), JIEM 2(1)."""
    return np.asarray(1 / (1 + np.exp(-normal * (1.5976 + 0.07056 * normal * normal))), dtype=np.float64)


def _few(mean: Floats, die: Floats) -> Floats:
    """A Poisson count of a mean up to one from a die of 0 to 1, by inversion."""
    chance = np.exp(-mean)
    below, drawn = chance.copy(), np.zeros(np.broadcast_shapes(mean.shape, die.shape))
    for number in range(1, MOST_FEW + 1):
        drawn += die > below
        chance = chance * mean / number
        below = below + chance
    return drawn


def count(mean: Floats, normal: Floats) -> Floats:
    """A nearly Poisson count of this mean from a standard normal die.

    Above a mean of one by the square root of the count, which is nearly normal with variance 1/4 (Anscombe 1948,
    Biometrika 35); below by inversion.
    """
    root = np.maximum(np.sqrt(np.maximum(mean, 1.0)) + normal / 2, 0.0)
    few = _few(np.minimum(mean, 1.0), normal_share(normal))
    return np.where(mean < 1, few, np.floor(root * root + 0.25))


def by_lane(dice: Floats, lanes: int) -> Floats:
    """Dice of the worlds repeated for every decision; lanes run through the worlds first."""
    return np.tile(dice, (lanes // len(dice), *[1] * (dice.ndim - 1)))
