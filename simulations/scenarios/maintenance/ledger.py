"""The office's book: what everything on record says of each bridge (exact Bayes filter), and what acting is worth.

Hidden Markov filter after Rabiner (1989); actions are valued as if the condition were seen from the next half-year
on (QMDP: Littman, Cassandra & Kaelbling 1995) at a price on the budget, which makes the gain of a repair by its
cost an index in the sense of Whittle (1988).
"""

from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.scenarios.maintenance.world import BAD, GRADES, Network, Parameters, Past, failure_chance

_LEAST = 1e-300
LEAVE, POST, REPAIR = range(3)
ACTIONS = 3


@dataclass(frozen=True)
class Belief:
    """Probabilities of the hidden: of the wear, and for each wear of the sensor and condition of each bridge.

    weight: (wear, bridge, 0 sound or 1 drifting sensor, condition), one for each wear and bridge.
    log_wear: log-probability of each wear, up to a constant.
    """

    weight: Floats
    log_wear: Floats

    @property
    def wear(self) -> Floats:
        """Probability of each wear."""
        chance = np.exp(self.log_wear - self.log_wear.max())
        return np.asarray(chance / chance.sum(), dtype=np.float64)

    def conditions(self) -> Floats:
        """Joint probability of wear and condition by (wear, bridge, condition); one for each bridge."""
        return np.asarray(self.weight.sum(axis=2) * self.wear[:, None, None], dtype=np.float64)

    def updated(self, likelihood: Floats) -> "Belief":
        """Bayes' rule. likelihood: of what was seen, broadcast to (bridge, sensor, condition)."""
        joint = self.weight * likelihood
        total = np.maximum(joint.sum(axis=(2, 3)), _LEAST)
        log_wear = self.log_wear + np.log(total).sum(axis=1)
        return Belief(joint / total[:, :, None, None], log_wear - log_wear.max())

    def renewed(self, bridges: Bools) -> "Belief":
        """These bridges are as new; what is known of their sensors stays."""
        weight = np.where(bridges[:, None, None], 0.0, self.weight)
        weight[..., 0] += np.where(bridges[:, None], self.weight.sum(axis=3), 0.0)
        return Belief(weight, self.log_wear)

    def with_new_sensor(self, bridges: Bools) -> "Belief":
        """These bridges have a new sensor, and it is sound."""
        weight = self.weight.copy()
        weight[:, bridges, 0] += weight[:, bridges, 1]
        weight[:, bridges, 1] = 0.0
        return Belief(weight, self.log_wear)

    def half_a_year_later(self, p: Parameters, network: Network) -> "Belief":
        """Everything wears as in ``world.worn``."""
        last = p.states - 1
        leaving = p.leaving[:, network.region][:, :, None, :last]
        grades = (*self.weight.shape[:3], GRADES - 1, p.ages)
        leaves = self.weight[..., :last] * leaving
        stays = (self.weight[..., :last] - leaves).reshape(grades)
        arrives = leaves.reshape(grades).sum(axis=4)
        moved = np.empty(grades)
        moved[..., 1:] = stays[..., :-1]
        moved[..., -1] += stays[..., -1]
        moved[..., 0, 0] = 0.0
        moved[..., 1:, 0] = arrives[..., :-1]
        bad = self.weight[..., last] + arrives[..., -1]
        flat = moved.reshape(*self.weight.shape[:3], last)
        return Belief(np.concatenate([flat, bad[..., None]], axis=3), self.log_wear)


def seen_likelihood(p: Parameters, inspected: Bools, recorded: Ints) -> Floats:
    """Likelihood of the recorded grades, (bridge, 1, condition); one where nobody went."""
    chance = p.seen_chance[p.grade_of - 1][:, np.maximum(recorded, 1) - 1].T
    return np.where(inspected[:, None], chance, 1.0)[:, None, :]


def opened_likelihood(p: Parameters, opened: Bools, grade: Ints) -> Floats:
    """Likelihood of the grades that repair works found: certain, (bridge, 1, condition)."""
    same = (p.grade_of == grade[:, None]).astype(np.float64)
    return np.where(opened[:, None], same, 1.0)[:, None, :]


def outcome_likelihood(p: Parameters, chance: Floats, failed: Bools) -> Floats:
    """Likelihood of having failed or not. chance: of a failure, by (bridge, grade)."""
    by_condition = chance[:, p.grade_of - 1]
    return np.where(failed[:, None], by_condition, 1 - by_condition)[:, None, :]


def reading_likelihood(p: Parameters, has_sensor: Bools, reading: Floats, age: Ints) -> Floats:
    """Likelihood of the readings, (bridge, sensor, condition), up to a constant. age: of the sensor, half-years."""
    moved = p.drift * age[:, None] * np.array([0.0, 1.0])
    apart = (reading[:, None, None] - moved[:, :, None] - p.grade_of) / p.sensor_noise
    return np.where(has_sensor[:, None, None], np.exp(-0.5 * apart**2), 1.0)


def first_belief(p: Parameters, network: Network, past: Past) -> Belief:
    """What the old inspections tell on the first morning, before the sensors are read."""
    weight = np.zeros((len(p.wear), len(network), 2, p.states))
    start = p.past_grades / p.past_grades.sum()
    for sensor, share in enumerate((1 - p.drift_share, p.drift_share)):
        weight[:, :, sensor, :: p.ages] = share * start
    belief = Belief(weight, np.zeros(len(p.wear)))
    for left in range(p.past_half_years, 0, -1):
        belief = belief.updated(seen_likelihood(p, past.seen_ago == left, past.seen_grade))
        belief = belief.half_a_year_later(p, network)
    return belief


@dataclass(frozen=True)
class Values:
    """Expected loss to the end, PKR m, if conditions were seen and money had its price.

    ahead: (round, wear, bridge, condition), from the next round on, after this round's wear.  fresh: (round, wear,
    bridge), the same of a bridge rebuilt in that round.  dry: (round, action, wear, bridge, condition), from this
    round on, of each action without a flood.
    """

    ahead: Floats
    fresh: Floats
    dry: Floats


def action_losses(p: Parameters, network: Network, ahead: Floats, fresh: Floats, flooded: Bools) -> Floats:
    """Expected loss of leaving, posting and repairing now, by (action, wear, bridge, condition).

    ahead, fresh: of this round, see ``Values``.
    """
    n, losses = len(network), np.empty((ACTIONS, *ahead.shape))
    broken = (network.failure_loss(p) + fresh)[:, :, None] - ahead
    for action, posted in ((LEAVE, False), (POST, True)):
        chance = failure_chance(p, flooded, np.full(n, posted))[:, p.grade_of - 1]
        losses[action] = ahead + chance * broken
    losses[POST] += network.posting_loss(p)[:, None]
    losses[REPAIR] = p.repair_cost * (1 + p.budget_price) + ahead[:, :, :1]
    return losses


def solve(p: Parameters, network: Network, rounds: int) -> Values:
    """Backward recursion over the rounds; what is bad at the end is handed over at a price."""
    shape = (len(p.wear), len(network), p.states)
    value = np.broadcast_to(np.where(p.grade_of >= BAD, p.handed_over_cost, 0.0), shape)
    leaving, no_flood = p.leaving[:, network.region], np.zeros(len(network), dtype=np.bool_)
    ahead, fresh = np.empty((rounds, *shape)), np.empty((rounds, *shape[:2]))
    dry = np.empty((rounds, ACTIONS, *shape))
    for place in range(rounds - 1, -1, -1):
        ahead[place] = (1 - leaving) * value[:, :, p.older] + leaving * value[:, :, p.worse]
        fresh[place] = value[:, :, 0]
        dry[place] = action_losses(p, network, ahead[place], fresh[place], no_flood)
        value = dry[place].min(axis=0)
    return Values(ahead, fresh, dry)


@dataclass(frozen=True)
class Page:
    """The book's page of every bridge on one day.

    grades: probability of each grade, (bridge, grade).  gain: loss averted by a repair now, per rupee of its cost.
    doubt: loss that an inspection now is expected to avert, PKR m (Raiffa & Schlaifer 1961).  limit: loss averted
    by a weight limit this half-year, PKR m; negative where the detour costs more.
    """

    grades: Floats
    gain: Floats
    doubt: Floats
    limit: Floats

    @property
    def expected_grade(self) -> Floats:
        """Mean grade."""
        return np.asarray(np.round(self.grades @ np.arange(1.0, GRADES + 1), 9), dtype=np.float64)

    @property
    def bad(self) -> Floats:
        """Probability of grade 4 or 5."""
        return np.asarray(np.round(self.grades[:, BAD - 1 :].sum(axis=1), 9), dtype=np.float64)

    @property
    def worst(self) -> Floats:
        """Probability of grade 5."""
        return np.asarray(np.round(self.grades[:, -1], 9), dtype=np.float64)


def by_grade(p: Parameters, values: Floats) -> Floats:
    """Sums over the conditions of each grade of the last axis."""
    split = values[..., : p.states - 1].reshape(*values.shape[:-1], GRADES - 1, p.ages).sum(axis=-1)
    return np.concatenate([split, values[..., -1:]], axis=-1)


def read_page(
    p: Parameters, network: Network, values: Values, belief: Belief, round_number: int, flooded: Bools
) -> Page:
    """What the book says of every bridge."""
    place, joint = round_number - 1, belief.conditions()
    losses = values.dry[place]
    if flooded.any():
        losses = action_losses(p, network, values.ahead[place], values.fresh[place], flooded)
    parts = by_grade(p, (joint * losses).sum(axis=1))
    leave, post, repair = parts.sum(axis=2)
    kept = np.minimum(leave, post)
    best_if_seen = (parts @ p.seen_chance).min(axis=0).sum(axis=1)
    return Page(
        grades=by_grade(p, joint.sum(axis=0)),
        gain=np.round((kept - repair) / p.repair_cost + 1 + p.budget_price, 9),
        doubt=np.round(np.minimum(kept, repair) - best_if_seen, 9),
        limit=np.round(leave - post, 9),
    )
