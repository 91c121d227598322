"""What the office may believe of the hidden truth: Bayes over base rate, main scheme and learning month."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import erf, log, sqrt

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.scenarios.procurement.world import (
    FLAGS,
    HONEST,
    KINDS,
    LEAST_FOR_SPREAD,
    MOST_BIDS,
    NEAR,
    REPEAT,
    SCHEMES,
    SHARED,
    SHORT,
    SINGLE,
    SIZES,
    SPLIT,
    SPREAD,
    Climate,
    Parameters,
    Tenders,
    climate_factor,
    detection,
    mean_overprice,
    opening_climate,
    relative_bids,
    scheme_mix,
    signal_centre,
    single_chance,
    variation,
)

_SAMPLE = 6000
_MOST_MONTHS = 24
NOT_REVIEWED = -1
_WORKED_OUT = ("likelihood", "shares", "learnt", "evidence", "belief", "kind_chance")


class Tables:
    """Chances of each flag by kind, worked out once; those of the bids' spread by simulation with fixed dice."""

    def __init__(self, p: Parameters) -> None:
        self.p = p
        self.tight = np.stack([_tight_share(p, learnt) for learnt in (False, True)])  # (learnt, kind)
        self.near = _near_share(p)  # (kind, size)
        self.overprice = mean_overprice(p)  # (kind, size)
        rates, mains, months = np.meshgrid(
            np.arange(len(p.base_rates)), np.arange(len(SCHEMES)), np.arange(len(p.learning_months)), indexing="ij"
        )
        self.base, self.main, self.last = rates.ravel(), mains.ravel(), months.ravel()
        self.rate = p.base_rates[self.base]
        self.learning = p.learning_months[self.last]

    @cached_property
    def moves(self) -> Floats:
        """Chance of each point of the grid next month given this month's, (now, next)."""
        stay, size = self.p.scheme_stays, len(self.rate)
        same = (self.rate[:, None] == self.rate[None, :]) & (self.learning[:, None] == self.learning[None, :])
        kept = self.main[:, None] == self.main[None, :]
        return np.where(same, np.where(kept, stay, (1 - stay) / 2), 0.0).reshape(size, size)

    def opening(self) -> Floats:
        """Belief before anything was seen: every point alike."""
        return np.full(len(self.rate), 1 / len(self.rate))

    def kind_shares(self, climate: Climate, month: int) -> Floats:
        """Share of each kind among this month's tenders, (grid point, kind)."""
        factor = climate_factor(self.p, climate, month)
        schemes = self.rate[:, None] * scheme_mix(self.p)[self.main] * factor
        return np.column_stack([1 - schemes.sum(axis=1), schemes])

    @cached_property
    def ordinary_flags(self) -> Floats:
        """Probability of each flag of an ordinary tender of a large office, (learnt, kind, flag)."""
        p = self.p
        single, double = p.single_share[:, 0], p.double_share[:, 0]
        chance = np.zeros((2, len(KINDS), len(FLAGS)))
        chance[:, :, SINGLE] = single
        chance[:, :, SHORT] = p.short_notice
        chance[:, :, SPREAD] = self.tight * (1 - single - double)
        chance[:, :, NEAR] = self.near[:, 0]
        chance[:, :, REPEAT] = p.repeat_bidders[:, 0]
        chance[:, :, SHARED] = p.shared_contact
        return chance

    @cached_property
    def rates_ahead(self) -> Floats:
        """Rate of each scheme 1, 2, 3 ... months from now without surge or deterrence, (month, grid point, scheme)."""
        step = self.rate[:, None] * scheme_mix(self.p)[self.main]
        ahead = []
        for _ in range(_MOST_MONTHS):
            step = self.moves @ step
            ahead.append(step)
        return np.array(ahead)

    @cached_property
    def mean_overpaid(self) -> Floats:
        """PKR m overpaid on an abused tender by scheme, the sizes of offices mixed."""
        p = self.p
        sizes = np.array([1 - p.small_share, p.small_share])
        mean = np.repeat(p.price_median[None, :] * np.exp(p.price_sigma**2 / 2), len(SCHEMES), axis=0)
        mean[SPLIT - 1] = p.order_threshold
        return np.asarray((self.overprice[1:] * mean * sizes).sum(axis=1), dtype=np.float64)

    def likelihood(self, tenders: Tenders, openness: float) -> Floats:
        """Likelihood of what each tender shows, relative to nothing in common, (learnt, tender, kind)."""
        p, small, kinds = self.p, tenders.small, np.arange(len(KINDS))
        chance = _either(tenders.short, p.short_notice[None, :])
        chance = np.where(tenders.emergency[:, None], 1.0, chance) * self._competition(tenders, openness)
        chance = chance * _either(tenders.near, self.near.T[small]) * _either(tenders.repeat, p.repeat_bidders.T[small])
        chance = chance * _either(tenders.shared, p.shared_contact[None, :])
        seen = tenders.signal - p.signal_small * small
        both = []
        for learnt in (False, True):
            centre = signal_centre(p, learnt)[kinds]
            signal = np.exp(seen[:, None] * centre - centre**2 / 2)
            tight = np.where(
                (tenders.bidders >= LEAST_FOR_SPREAD)[:, None], _either(tenders.tight, self.tight[int(learnt)]), 1.0
            )
            both.append(chance * signal * tight)
        return np.stack(both)

    def _competition(self, tenders: Tenders, openness: float) -> Floats:
        """Likelihood of the number of bids by (tender, kind); in an emergency it tells nothing."""
        p, kinds = self.p, np.arange(len(KINDS), dtype=np.intp)
        by_size = []
        for size in range(len(SIZES)):
            single = single_chance(p, kinds, np.full(len(KINDS), size), openness)
            double = p.double_share[:, size]
            by_size.append(np.stack([single, double, 1 - single - double]))
        classes = np.minimum(tenders.bidders, LEAST_FOR_SPREAD) - 1
        chance = np.array(by_size)[tenders.small, classes]
        return np.where(tenders.emergency[:, None], 1.0, chance)


def _either(flag: Bools, chance: Floats) -> Floats:
    return np.where(flag[:, None], chance, 1 - chance)


def _tight_share(p: Parameters, learnt: bool) -> Floats:
    """Share of tenders with three bids or more whose spread falls below the limit, by kind."""
    source = stream(0, "spread_table")
    dice, bidders = source.random((_SAMPLE, MOST_BIDS)), 3 + source.integers(0, 3, _SAMPLE).astype(np.intp)
    shares = []
    for kind in range(len(KINDS)):
        spread = variation(relative_bids(p, np.full(_SAMPLE, kind), learnt, dice), bidders)
        shares.append(np.count_nonzero(spread < p.spread_limit) / _SAMPLE)
    return np.clip(np.array(shares), 0.005, 0.995)


def _normal_share(value: float) -> float:
    return 0.5 * (1 + erf(value / sqrt(2)))


def _near_share(p: Parameters) -> Floats:
    """Chance that a price lies just below the limit for open tendering, (kind, office size)."""
    ends = (1 - p.near_band, 1.0)
    natural = [
        float(np.diff([_normal_share(log(p.order_threshold * end / median) / p.price_sigma) for end in ends])[0])
        for median in p.price_median
    ]
    free = np.repeat(np.array(natural)[None, :], len(KINDS), axis=0)
    free[SPLIT] = p.split_near + (1 - p.split_near) * free[SPLIT]
    return free


@dataclass(frozen=True)
class Desk:
    """This month's tenders as the office may judge them."""

    tables: Tables
    month: int
    tenders: Tenders
    climate: Climate
    prior: Floats  # belief over the grid before this month's tenders were seen
    costly: Floats  # chance of each scheme to pad prices most this month
    weeded: float  # chance that files are incomplete this month

    @cached_property
    def likelihood(self) -> Floats:
        """See ``Tables.likelihood``."""
        return self.tables.likelihood(self.tenders, self.climate.openness)

    @cached_property
    def shares(self) -> Floats:
        """Share of each kind this month, (grid point, kind)."""
        return self.tables.kind_shares(self.climate, self.month)

    @cached_property
    def learnt(self) -> Ints:
        """1 where rings have learnt by now, by grid point."""
        return np.asarray(self.month >= self.tables.learning, dtype=np.intp)

    @cached_property
    def evidence(self) -> Floats:
        """Likelihood of each tender, (grid point, tender)."""
        both = self.shares @ self.likelihood.transpose(0, 2, 1)
        return np.where(self.learnt[:, None] == 1, both[1], both[0])

    @cached_property
    def belief(self) -> Floats:
        """Belief over the grid once this month's tenders are seen."""
        return _weighted(self.prior, np.log(self.evidence).sum(axis=1))

    @cached_property
    def kind_chance(self) -> Floats:
        """Probability of each kind, (tender, kind): naive Bayes on the flags, averaged over the belief."""
        chance = np.zeros((len(self.tenders), len(KINDS)))
        for learnt in (0, 1):
            weight = np.where(self.learnt == learnt, self.belief, 0.0)
            mixed = (self.shares * weight[:, None]).T @ (1 / self.evidence)
            chance += self.likelihood[learnt] * mixed.T
        return chance

    def with_truth(self, tenders: Tenders) -> "Desk":
        """The same desk before another truth; what was worked out from what it shows is kept."""
        other = replace(self, tenders=tenders)
        other.__dict__.update({name: self.__dict__[name] for name in _WORKED_OUT if name in self.__dict__})
        return other

    def chance_at(self, point: int) -> Floats:
        """Probability of each kind if this point of the grid were true, (tender, kind)."""
        chance = self.likelihood[self.learnt[point]] * self.shares[point]
        return np.asarray(chance / chance.sum(axis=1, keepdims=True), dtype=np.float64)

    @property
    def costs(self) -> Floats:
        """Expected factor on the overprice of each scheme this month."""
        low, high = self.tables.p.costly_factor
        return np.asarray(low + (high - low) * self.costly, dtype=np.float64)

    @property
    def detection(self) -> Floats:
        """Expected chance that a review proves abuse, (scheme, kind of review)."""
        complete, incomplete = (detection(self.tables.p, weeded) for weeded in (0, 1))
        return np.asarray((1 - self.weeded) * complete + self.weeded * incomplete, dtype=np.float64)

    def next_prior(self, reviewed: Ints, level: Ints, found: Ints) -> Floats:
        """Belief before next month's tenders: this month's reviews weighed, then the main scheme may change.

        reviewed: rows.  level: kind of review of each.  found: proven kind, or ``HONEST`` where nothing was proven.
        """
        both = [self._weight_of_reviews(reviewed, found, detection(self.tables.p, q)[:, level]) for q in (0, 1)]
        mixed = np.logaddexp(both[0] + np.log(1 - self.weeded), both[1] + np.log(self.weeded))
        return _weighted(self.belief, mixed) @ self.tables.moves

    def _weight_of_reviews(self, reviewed: Ints, found: Ints, chance: Floats) -> Floats:
        """Log-likelihood of what reviews brought, by grid point.  chance: of proof, (scheme, review)."""
        place = np.arange(len(reviewed))
        log_weight = np.zeros(len(self.prior))
        for learnt in (0, 1):
            joint = self.likelihood[learnt][reviewed][None, :, :] * self.shares[:, None, :]
            nothing = joint[:, :, HONEST] + (joint[:, :, 1:] * (1 - chance).T).sum(axis=2)
            proven = joint[:, place, found] * chance[np.maximum(found - 1, 0), place]
            result = np.log(np.where(found == HONEST, nothing, proven) / self.evidence[:, reviewed]).sum(axis=1)
            log_weight = np.where(self.learnt == learnt, result, log_weight)
        return log_weight

    def next_costly(self, proven: Ints, costly: int) -> Floats:
        """Belief about next month's costly scheme: a proven case shows whether its own scheme was the one.

        proven: kinds proven this month.  costly: the truth, used only through what was proven.
        """
        seen = np.isin(np.arange(len(SCHEMES)), proven - 1)
        now = np.where(seen, 0.0, self.costly)
        if seen[costly] or not now.any():
            now = np.eye(len(SCHEMES))[costly]
        stays = self.tables.p.costly_stays
        change = (1 - stays) / 2
        return np.asarray(change + (stays - change) * now / now.sum(), dtype=np.float64)


def first_desk(tables: Tables, tenders: Tenders) -> Desk:
    """The desk of the first month: nothing known beside the tenders."""
    schemes = len(SCHEMES)
    return Desk(
        tables, 1, tenders, opening_climate(), tables.opening(), np.full(schemes, 1 / schemes), tables.p.weeded_chance
    )


def _weighted(prior: Floats, log_weight: Floats) -> Floats:
    weight = prior * np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)
