"""The tenders of a month, the bids on them and the schemes behind some; dice drawn before any decision is known."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream

KINDS = ("honest", "ring", "split", "shell")
HONEST, RING, SPLIT, SHELL = range(4)
SCHEMES = KINDS[1:]
FLAGS = ("single_bid", "short_notice", "low_spread", "near_threshold", "repeat_bidders", "shared_contact")
SINGLE, SHORT, SPREAD, NEAR, REPEAT, SHARED = range(6)
SIZES = ("large", "small")
OFFICES = 12
FIRST_SMALL = 7  # offices from this one on are small
MOST_BIDS = 5
LEAST_FOR_SPREAD = 3
PEER_GROUPS = 4
_DICE_KEPT = 16  # the referee plays one world by many decisions


@dataclass(frozen=True)
class Parameters:
    """The numbers of ``scenario.toml``; units and sources stand there."""

    tenders: int
    small_share: float
    price_median: Floats
    price_sigma: float
    base_rates: Floats
    shock_factor: float
    shock_month: int
    main_scheme_share: float
    scheme_stays: float
    learning_months: Floats
    honest_margin: Floats
    reserve_factor: float
    ring_price: Floats
    ring_cover: Floats
    learnt_cover: Floats
    shell_price: Floats
    shell_cover: Floats
    split_padding: Floats
    usual_bidders: Floats
    costly_factor: Floats
    costly_stays: float
    weeded_chance: float
    weeded_desk: float
    spread_limit: float
    notice_limit: int
    order_threshold: float
    near_band: float
    split_near: float
    single_share: Floats
    double_share: Floats
    emergency_share: float
    emergency_single: float
    emergency_double: float
    emergency_short: float
    short_notice: Floats
    repeat_bidders: Floats
    shared_contact: Floats
    signal_mean: Floats
    signal_small: float
    vendor_points: Floats
    signal_points: float
    alarm_points: float
    claimed_precision: float
    point_value: float
    card_offset: float
    detection: Floats
    recovery: Floats
    hold_days: Floats
    hold_cost: float
    hearing_clears: float
    hearing_escape: float
    hearing_cost: float
    overturned: Floats
    day_cost: float
    publication_cost: Floats
    openness_goal: Floats
    openness_speed: float
    openness_competition: float
    openness_deters: float
    openness_ring: Floats
    memory: float
    deterrence: float
    lot_deterrence: float
    lot_scale: float
    case_share: float
    equity_threshold: float
    equity_smoothing: float
    greedy_holds: int


@dataclass(frozen=True)
class Hidden:
    """What a run keeps hidden beside the single tenders.

    ``schemes`` is the commonest scheme by month, ``costly`` the one that pads prices most, ``weeded`` 1 where files
    are incomplete; the first entry of each is unused.
    """

    base_rate: int
    learning: int
    overturned: int
    schemes: tuple[int, ...]
    costly: tuple[int, ...]
    weeded: tuple[int, ...]


@dataclass(frozen=True)
class Climate:
    """What earlier months left behind and the office can work out for itself."""

    openness: float
    proven: Floats  # remembered proven cases by scheme
    lot: int  # reviews by lot last month


@dataclass(frozen=True)
class Tenders:
    """The tenders of one month, one row each; ``kind`` and ``overprice`` are hidden."""

    office: Ints
    price: Floats  # PKR m
    bidders: Ints
    spread: Floats  # coefficient of variation of the bids; 0 below three bids
    notice: Ints  # days advertised
    repeat: Bools
    shared: Bools
    emergency: Bools
    near: Bools
    short: Bools
    tight: Bools
    signal: Floats  # what the tool reads in the wording of the bids
    kind: Ints
    overprice: Floats  # share of the price paid too much

    def __len__(self) -> int:
        return len(self.office)

    @cached_property
    def small(self) -> Ints:
        """1 for tenders of small offices."""
        return (self.office >= FIRST_SMALL).astype(np.intp)

    @cached_property
    def flags(self) -> Floats:
        """1 where a flag is raised, (tender, flag) in the order of ``FLAGS``."""
        columns = (self.bidders == 1, self.short, self.tight, self.near, self.repeat, self.shared)
        return np.asarray(np.stack(columns, axis=1), dtype=np.float64)

    @cached_property
    def peers(self) -> Ints:
        """Number of the group a tender is compared with: size of its office, emergency or not."""
        return np.asarray(2 * self.small + self.emergency, dtype=np.intp)

    @cached_property
    def rare_flags(self) -> Floats:
        """Flags that count the less the commoner they are among a tender's peers, and nothing where half have them."""
        member = (self.peers == np.arange(PEER_GROUPS)[:, None]).astype(np.float64)
        common = (member @ self.flags) / np.maximum(member.sum(axis=1), 1.0)[:, None]
        return np.asarray(self.flags * np.maximum(0.0, 1 - 2 * common)[self.peers], dtype=np.float64)

    @cached_property
    def signal_beside_peers(self) -> Floats:
        """The tool's signal less its mean among a tender's peers."""
        counts = np.maximum(np.bincount(self.peers, minlength=PEER_GROUPS), 1)
        mean = np.bincount(self.peers, weights=self.signal, minlength=PEER_GROUPS) / counts
        return np.asarray(self.signal - mean[self.peers], dtype=np.float64)

    @cached_property
    def overpaid(self) -> Floats:
        """PKR m paid too much, by tender."""
        return np.asarray(self.price * self.overprice, dtype=np.float64)


def draw_hidden(p: Parameters, seed: int, rounds: int) -> Hidden:
    """The hidden part of a run that no decision moves."""
    die = stream(seed, "hidden").random(3)
    base, learning, overturned = (
        int(part * len(values))
        for part, values in zip(die, (p.base_rates, p.learning_months, p.overturned), strict=True)
    )
    first, costly = (int(die * len(SCHEMES)) for die in stream(seed, "schemes", 1).random(2))
    weeded = int(stream(seed, "weeded", 1).random() < p.weeded_chance)
    return paths(p, seed, 1, rounds + 1, Hidden(base, learning, overturned, (first,), (costly,), (weeded,)))


def paths(p: Parameters, seed: int, month: int, last: int, now: Hidden) -> Hidden:
    """``now`` with its monthly entries drawn on from ``month`` to ``last``; earlier months are of no account."""
    dice = stream(seed, "paths", month).random((3, last - month))
    weeded = (now.weeded[-1], *(int(die < p.weeded_chance) for die in dice[2]))
    return replace(
        now,
        schemes=now.schemes[-1:] * month + _path(dice[0], now.schemes[-1], p.scheme_stays),
        costly=now.costly[-1:] * month + _path(dice[1], now.costly[-1], p.costly_stays),
        weeded=weeded[:1] * month + weeded,
    )


def _path(dice: Floats, now: int, stays: float) -> tuple[int, ...]:
    """One of three states a month: it stays, or gives way to one of the two others."""
    path = [now]
    for die in dice:
        rest = (float(die) - stays) / (1 - stays)
        path.append(path[-1] if rest < 0 else (path[-1] + 1 + int(rest * 2)) % len(SCHEMES))
    return tuple(path)


def shock(p: Parameters, month: int) -> bool:
    """Whether the emergency exemption is in force."""
    return month >= p.shock_month


def opening_climate() -> Climate:
    """Before the first month: nothing published, nothing proven."""
    return Climate(0.0, np.zeros(len(SCHEMES)), 0)


def openness_effect(p: Parameters, openness: Floats | float) -> Floats:
    """Factor on each scheme's rate at this openness, (…, scheme).

    Publication makes splitting and shell firms easier to see. A ring gains where all bids are published: it
    sees who kept the bargain (Stigler 1964, A Theory of Oligopoly).
    """
    level = np.asarray(openness, dtype=np.float64)
    core = p.openness_goal[1]
    ring = 1 - p.openness_ring[0] * np.minimum(level, core) / core + p.openness_ring[1] * np.maximum(level - core, 0.0)
    other = 1 - p.openness_deters * level
    return np.stack([ring, other, other], axis=-1)


def lot_effect(p: Parameters, reviews: Floats | Ints | float) -> Floats:
    """Factor on every scheme's rate after a month with so many reviews by lot."""
    return np.asarray(1 - p.lot_deterrence * (1 - np.exp(-np.asarray(reviews) / p.lot_scale)), dtype=np.float64)


def scheme_mix(p: Parameters) -> Floats:
    """Share of each scheme among abused tenders, (main scheme, scheme)."""
    rest = (1 - p.main_scheme_share) / 2
    return np.asarray(rest + (p.main_scheme_share - rest) * np.eye(len(SCHEMES)), dtype=np.float64)


def climate_factor(p: Parameters, climate: Climate, month: int) -> Floats:
    """Factor on the base rate of each scheme in this month."""
    surge = p.shock_factor if shock(p, month) else 1.0
    deterred = np.exp(-p.deterrence * climate.proven) * lot_effect(p, climate.lot)
    return np.asarray(surge * deterred * openness_effect(p, climate.openness), dtype=np.float64)


def expected_lowest(low: float, high: float, bidders: Floats | float) -> Floats:
    """Mean of the lowest of n independent uniform bids: low + (high - low) / (n + 1)."""
    return np.asarray(low + (high - low) / (np.asarray(bidders) + 1), dtype=np.float64)


def fair_share(p: Parameters) -> Floats:
    """Expected lowest honest bid over cost by office size: a + (b - a) / (n + 1) at the usual competition."""
    return expected_lowest(p.honest_margin[0], p.honest_margin[1], p.usual_bidders)


def price_over_cost(p: Parameters, kind: Ints, die: Floats) -> Floats:
    """Price over cost of abused tenders; for honest ones it is not used."""
    reserve = p.reserve_factor
    ring = reserve * (p.ring_price[0] + (p.ring_price[1] - p.ring_price[0]) * die)
    split = 1 + p.split_padding[0] + (p.split_padding[1] - p.split_padding[0]) * die
    shell = reserve * (p.shell_price[0] + (p.shell_price[1] - p.shell_price[0]) * die)
    return np.choose(np.maximum(kind - 1, 0), [ring, split, shell])


def base_overprice(p: Parameters, kind: Ints, small: Ints, die: Floats) -> Floats:
    """Share of the price paid above the expected honest price in a month that costs no scheme more than others."""
    share = 1 - fair_share(p)[small] / price_over_cost(p, kind, die)
    return np.where(kind == HONEST, 0.0, share)


def overprice(p: Parameters, kind: Ints, small: Ints, die: Floats, costly: int) -> Floats:
    """Share of the price paid too much; 0 for honest tenders. costly: the scheme that pads most this month."""
    factor = np.where(kind == costly + 1, p.costly_factor[1], p.costly_factor[0])
    return np.asarray(factor * base_overprice(p, kind, small, die), dtype=np.float64)


def mean_overprice(p: Parameters) -> Floats:
    """Mean of ``base_overprice`` by (kind, office size)."""
    middle = (np.arange(32) + 0.5) / 32
    return np.array(
        [
            [base_overprice(p, np.full(32, kind), np.full(32, size), middle).mean() for size in range(len(SIZES))]
            for kind in range(len(KINDS))
        ]
    )


def detection(p: Parameters, weeded: int) -> Floats:
    """Chance that a review proves abuse, (scheme, kind of review); a desk review needs complete files."""
    chance = p.detection.copy()
    if weeded:
        chance[:, 0] *= p.weeded_desk
    return chance


def relative_bids(p: Parameters, kind: Ints, learnt: bool, dice: Floats) -> Floats:
    """Bids up to a common factor, (tender, bid): independent margins, or a winner with covers above it."""
    low, high = p.honest_margin
    honest = low + (high - low) * dice
    cover = p.learnt_cover if learnt else p.ring_cover
    bids = np.where((kind == SPLIT)[:, None], honest + p.split_padding[0], honest)
    for scheme, (least, most) in ((RING, cover), (SHELL, p.shell_cover)):
        covers = 1 + least + (most - least) * dice
        covers[:, 0] = 1.0
        bids = np.where((kind == scheme)[:, None], covers, bids)
    return np.asarray(bids, dtype=np.float64)


def variation(bids: Floats, bidders: Ints) -> Floats:
    """Coefficient of variation of the first ``bidders`` bids of each row; 0 below three bids.

    The variance screen of Abrantes-Metz et al. (2006) and Imhof (2018): bids of a ring lie close together.
    """
    there = np.arange(bids.shape[1]) < bidders[:, None]
    count = np.maximum(bidders, 2)
    mean = np.where(there, bids, 0.0).sum(axis=1) / np.maximum(bidders, 1)
    square = np.where(there, (bids - mean[:, None]) ** 2, 0.0).sum(axis=1) / (count - 1)
    return np.where(bidders < LEAST_FOR_SPREAD, 0.0, np.round(np.sqrt(square) / mean, 9))


def single_chance(p: Parameters, kind: Ints, small: Ints, openness: float) -> Floats:
    """Probability of a single bid outside emergencies; publication brings bidders to honest tenders."""
    share = p.single_share[kind, small]
    return np.where(kind == HONEST, share * (1 - p.openness_competition * openness), share)


def _kinds(p: Parameters, hidden: Hidden, climate: Climate, month: int, dice: Floats) -> Ints:
    """Kind of each tender: one die for what would be tried, one for whether the climate lets it be.

    Thus a change of climate turns tenders of one scheme sound and touches no other.
    """
    room = float(openness_effect(p, p.openness_goal).max())
    factor = climate_factor(p, climate, month)
    tried = np.cumsum(kind_rates(p, hidden, opening_climate(), month) * room)
    scheme = np.searchsorted(tried, dice[:, 0], side="right")
    let = np.append(factor / climate_factor(p, opening_climate(), month) / room, 0.0)
    return np.where(dice[:, 1] < let[scheme], scheme + 1, HONEST).astype(np.intp)


def kind_rates(p: Parameters, hidden: Hidden, climate: Climate, month: int) -> Floats:
    """Probability of each scheme for a tender of this month."""
    mix = scheme_mix(p)[hidden.schemes[month]]
    return np.asarray(p.base_rates[hidden.base_rate] * mix * climate_factor(p, climate, month), dtype=np.float64)


def has_learnt(p: Parameters, hidden: Hidden, month: int) -> bool:
    """Whether rings spread their bids by now."""
    return month >= int(p.learning_months[hidden.learning])


@lru_cache(maxsize=_DICE_KEPT)
def _tender_dice(seed: int, month: int, tenders: int) -> tuple[Floats, Floats]:
    source = stream(seed, "tenders", month)
    return source.random((tenders, 12 + MOST_BIDS)), source.standard_normal((tenders, 2))


def draw_tenders(p: Parameters, seed: int, month: int, hidden: Hidden, climate: Climate) -> Tenders:
    """All tenders of a month. Which die belongs to which tender does not depend on decisions."""
    dice, normal = _tender_dice(seed, month, p.tenders)
    learnt = has_learnt(p, hidden, month)
    kind = _kinds(p, hidden, climate, month, dice[:, [0, 11]])
    office = _office(p, dice[:, 1])
    small = (office >= FIRST_SMALL).astype(np.intp)
    emergency = (dice[:, 2] < p.emergency_share) & shock(p, month)
    bidders = _bidders(p, kind, small, emergency, climate.openness, dice[:, 3])
    price = _price(p, kind, small, normal[:, 0], dice[:, 4], dice[:, 5])
    spread = variation(relative_bids(p, kind, learnt, dice[:, 12:]), bidders)
    short = dice[:, 6] < np.where(emergency, p.emergency_short, p.short_notice[kind])
    return Tenders(
        office=office,
        price=price,
        bidders=bidders,
        spread=spread,
        notice=_notice(p, short, dice[:, 7]),
        repeat=dice[:, 8] < p.repeat_bidders[kind, small],
        shared=dice[:, 9] < p.shared_contact[kind],
        emergency=emergency,
        near=(price >= (1 - p.near_band) * p.order_threshold) & (price < p.order_threshold),
        short=short,
        tight=(bidders >= LEAST_FOR_SPREAD) & (spread < p.spread_limit),
        signal=np.round(signal_centre(p, learnt)[kind] + p.signal_small * small + normal[:, 1], 9),
        kind=kind,
        overprice=overprice(p, kind, small, dice[:, 10], hidden.costly[month]),
    )


def signal_centre(p: Parameters, learnt: bool) -> Floats:
    """Mean of the tool's own signal by kind: it no longer sees a ring that spreads its bids."""
    centre = p.signal_mean.copy()
    if learnt:
        centre[RING] = 0.0
    return centre


def _office(p: Parameters, die: Floats) -> Ints:
    small = OFFICES - FIRST_SMALL
    large_place = np.floor((die - p.small_share) / (1 - p.small_share) * FIRST_SMALL)
    small_place = FIRST_SMALL + np.floor(die / p.small_share * small)
    return np.where(die < p.small_share, small_place, large_place).astype(np.intp)


def _bidders(p: Parameters, kind: Ints, small: Ints, emergency: Bools, openness: float, die: Floats) -> Ints:
    single = np.where(emergency, p.emergency_single, single_chance(p, kind, small, openness))
    double = single + np.where(emergency, p.emergency_double, p.double_share[kind, small])
    more = LEAST_FOR_SPREAD + np.floor((die - double) / np.maximum(1 - double, 1e-9) * LEAST_FOR_SPREAD)
    return np.where(die < single, 1, np.where(die < double, 2, more)).astype(np.intp)


def _price(p: Parameters, kind: Ints, small: Ints, normal: Floats, near_die: Floats, place: Floats) -> Floats:
    free = p.price_median[small] * np.exp(p.price_sigma * normal)
    close = p.order_threshold * (1 - p.near_band * (1 - place))
    return np.round(np.where((kind == SPLIT) & (near_die < p.split_near), close, free), 6)


def _notice(p: Parameters, short: Bools, die: Floats) -> Ints:
    limit = p.notice_limit
    return np.where(short, 4 + np.floor(die * (limit - 4)), limit + np.floor(die * 2 * limit)).astype(np.intp)
