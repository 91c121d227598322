"""The bridges of a run, how they wear, and the dice of each half-year, drawn before any decision is known."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.scenarios.maintenance.reliability import leaving_chance

GRADES = 5
BAD = 4  # grades from this one on are bad
REGIONS = ("urban", "rural")
URBAN, RURAL = range(2)
BASINS = 4
FLOODED_BASINS = 2
YEARS_A_ROUND = 0.5
UNSEEN = -100


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    urban_bridges: int
    rural_bridges: int
    traffic_median: Floats
    traffic_sigma: float
    detour_hours: Floats
    closed_days: float
    posting_traffic_share: float
    population: Floats
    sojourn_shape: Floats
    sojourn_scale: Floats
    wear: Floats
    ages: int
    past_grades: Floats
    past_half_years: int
    failure_rate: Floats
    posted_factor: float
    flood_factor: float
    flood_round: int
    inspection_accuracy: float
    sensors_at_start: Floats
    sensor_age: int
    sensor_noise: float
    drift_share: float
    drift: float
    tool_fill: float
    tool_memory: float
    tool_sharpness: float
    claimed_accuracy: float
    witness_accuracy: float
    archive_steps: float
    notice_share: float
    budget: float
    carried_share: float
    inspection_cost: float
    repair_cost: float
    sensor_cost: float
    failure_cost: float
    hour_value: float
    handed_over_cost: float
    equity_threshold: float
    life_shape: float
    life_scale: float
    budget_price: float
    best_alarm_threshold: float
    best_look_weight: float

    @property
    def bridges(self) -> int:
        """Number of bridges."""
        return self.urban_bridges + self.rural_bridges

    @property
    def states(self) -> int:
        """Number of conditions: grade 1 to 4 with the half-years spent in it, and grade 5."""
        return (GRADES - 1) * self.ages + 1

    @cached_property
    def grade_of(self) -> Ints:
        """Grade, 1 to 5, of each condition."""
        return np.minimum(np.arange(self.states) // self.ages, GRADES - 1).astype(np.intp) + 1

    @cached_property
    def older(self) -> Ints:
        """The condition after another half-year in the same grade; the last age stands for all later ones."""
        here = np.arange(self.states)
        last = (here % self.ages == self.ages - 1) | (here == self.states - 1)
        return np.where(last, here, here + 1).astype(np.intp)

    @cached_property
    def worse(self) -> Ints:
        """The condition after a step to the next grade."""
        return np.minimum(self.grade_of * self.ages, self.states - 1).astype(np.intp)

    @cached_property
    def leaving(self) -> Floats:
        """Chance to step to the next grade within a half-year, by (wear, region, condition)."""
        age = np.arange(self.ages) * YEARS_A_ROUND
        chances = np.zeros((len(self.wear), len(REGIONS), self.states))
        for place, wear in enumerate(self.wear):
            for region, pace in ((URBAN, 1.0), (RURAL, float(wear))):
                for grade in range(GRADES - 1):
                    shape, scale = float(self.sojourn_shape[grade]), float(self.sojourn_scale[grade]) / pace
                    chances[place, region, grade * self.ages : (grade + 1) * self.ages] = leaving_chance(
                        age, YEARS_A_ROUND, shape, scale
                    )
        return chances

    @cached_property
    def seen_chance(self) -> Floats:
        """Probability that an inspection records a grade, by (true grade, recorded grade).

        The rest goes to the grades on either side; at the ends to the only neighbour.
        """
        miss = (1 - self.inspection_accuracy) / 2
        chances = np.diag(np.full(GRADES, self.inspection_accuracy))
        chances += np.diag(np.full(GRADES - 1, miss), 1) + np.diag(np.full(GRADES - 1, miss), -1)
        chances[0, 1] += miss
        chances[-1, -2] += miss
        return chances


@dataclass(frozen=True)
class Network:
    """What everybody knows of the bridges, one row a bridge."""

    region: Ints
    basin: Ints
    outage_hours: Floats  # person-hours of detour while a failed bridge is rebuilt
    posting_hours: Floats  # person-hours of detour in a half-year with a weight limit

    def __len__(self) -> int:
        return len(self.region)

    @property
    def rural(self) -> Bools:
        """Bridges outside the towns."""
        return np.asarray(self.region == RURAL, dtype=np.bool_)

    def failure_loss(self, p: Parameters) -> Floats:
        """Loss of a failure, PKR m: rebuilding, and the hours of everybody who has to go round."""
        return np.asarray(p.failure_cost + p.hour_value * self.outage_hours, dtype=np.float64)

    def posting_loss(self, p: Parameters) -> Floats:
        """Loss of a half-year of weight limit, PKR m."""
        return np.asarray(p.hour_value * self.posting_hours, dtype=np.float64)


def draw_network(p: Parameters, seed: int) -> Network:
    """Where the bridges stand and how much traffic they carry."""
    region = np.repeat([URBAN, RURAL], [p.urban_bridges, p.rural_bridges]).astype(np.intp)
    die = stream(seed, "traffic").standard_normal(p.bridges)
    daily = p.traffic_median[region] * np.exp(p.traffic_sigma * die)
    hours = daily * p.detour_hours[region]
    return Network(
        region=region,
        basin=(np.argsort(stream(seed, "basin").random(p.bridges), kind="stable") % BASINS).astype(np.intp),
        outage_hours=hours * p.closed_days,
        posting_hours=hours * p.posting_traffic_share * 365 * YEARS_A_ROUND,
    )


@dataclass(frozen=True)
class Flood:
    """When the monsoon flood comes and which basins it reaches."""

    round: int
    basins: tuple[int, ...]

    def reaches(self, network: Network, round_number: int) -> Bools:
        """Bridges in flood in this round."""
        if self.round != round_number:
            return np.zeros(len(network), dtype=np.bool_)
        return np.asarray(np.isin(network.basin, self.basins), dtype=np.bool_)


def draw_flood(p: Parameters, seed: int, after: int) -> Flood:
    """The flood of a run, in one of two rounds, both equally likely, but later than round ``after``."""
    dice = stream(seed, "flood")
    late = int(dice.random() < 0.5)
    order = np.argsort(dice.random(BASINS), kind="stable")
    basins = tuple(sorted(int(basin) for basin in order[:FLOODED_BASINS]))
    return Flood(min(p.flood_round + 1, max(p.flood_round + late, after + 1)), basins)


@dataclass(frozen=True)
class Hidden:
    """What nobody at the desk knows."""

    condition: Ints
    drifting: Bools  # the sensor's zero moves upwards
    wear: int  # place in ``Parameters.wear``
    flood: Flood


def worn(p: Parameters, network: Network, condition: Ints, wear: int, die: Floats) -> Ints:
    """Conditions half a year later; a bridge steps down at most one grade."""
    steps = die < p.leaving[wear, network.region, condition]
    return np.where(steps, p.worse[condition], p.older[condition]).astype(np.intp)


def recorded_grade(p: Parameters, condition: Ints, die: Floats) -> Ints:
    """Grade that an inspection records: right with the accuracy, otherwise one off; exact in ``seen_chance``."""
    grade = p.grade_of[condition]
    miss = (1 - p.inspection_accuracy) / 2
    off = np.where(die < p.inspection_accuracy, 0, np.where(die < p.inspection_accuracy + miss, -1, 1))
    seen = grade + off
    return np.where((seen < 1) | (seen > GRADES), grade - off, seen).astype(np.intp)


@dataclass(frozen=True)
class Past:
    """The years before the run: when each bridge was last inspected, and what was recorded."""

    hidden: Hidden
    seen_ago: Ints  # half-years, 1 to ``past_half_years``
    seen_grade: Ints


def draw_past(p: Parameters, network: Network, seed: int) -> Past:
    """Conditions at the start, by wearing down those of ``past_half_years`` before; nothing failed meanwhile."""
    n, dice = len(network), stream(seed, "past")
    wear = int(dice.random() * len(p.wear))
    grade = np.searchsorted(np.cumsum(p.past_grades / p.past_grades.sum())[:-1], dice.random(n), side="right")
    condition = np.asarray(grade * p.ages, dtype=np.intp)
    ago = 1 + (dice.random(n) * p.past_half_years).astype(np.intp)
    drifting = dice.random(n) < p.drift_share
    seen = np.zeros(n, dtype=np.intp)
    for left in range(p.past_half_years, 0, -1):
        now = recorded_grade(p, condition, dice.random(n))
        seen = np.where(ago == left, now, seen)
        condition = worn(p, network, condition, wear, dice.random(n))
    return Past(Hidden(condition, drifting, wear, draw_flood(p, seed, 0)), ago, seen)


@dataclass(frozen=True)
class HalfYear:
    """The dice of one half-year, one row a bridge; they stand before any decision."""

    inspection: Floats
    look: Floats
    failure: Floats
    wear: Floats
    reading: Floats  # standard normal, of the sensor at the end of the half-year


def draw_half_year(p: Parameters, seed: int, number: int) -> HalfYear:
    """Dice of half-year ``number``; the reading of number 0 is the first on the desk."""
    n = p.bridges
    return HalfYear(
        inspection=stream(seed, "inspection", number).random(n),
        look=stream(seed, "look", number).random(n),
        failure=stream(seed, "failure", number).random(n),
        wear=stream(seed, "wear", number).random(n),
        reading=stream(seed, "reading", number).standard_normal(n),
    )


def failure_chance(p: Parameters, flooded: Bools, posted: Bools) -> Floats:
    """Probability of a failure within the half-year, by (bridge, grade).

    Rates multiply: the flood by its factor, a weight limit by its own.
    """
    factor = np.where(flooded, p.flood_factor, 1.0) * np.where(posted, p.posted_factor, 1.0)
    return np.asarray(-np.expm1(-factor[:, None] * p.failure_rate), dtype=np.float64)


def sensor_reading(p: Parameters, hidden: Hidden, since: Ints, round_number: int, noise: Floats) -> Floats:
    """What a sensor shows: the grade, the drift of its zero since it was installed, and noise, in grades."""
    moved = np.where(hidden.drifting, p.drift * (round_number - since), 0.0)
    return np.asarray(p.grade_of[hidden.condition] + moved + p.sensor_noise * noise, dtype=np.float64)
