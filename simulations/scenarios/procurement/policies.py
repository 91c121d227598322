"""Four reference policies. They see the desk and the office's own belief, never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.procurement.belief import Desk, Tables
from simulations.scenarios.procurement.office import (
    DAYS,
    DESK,
    FIELD,
    FORENSIC,
    PUBLICATIONS,
    REVIEW_DAYS,
    WEIGHT_FIELDS,
    card_chance,
    ranked,
)
from simulations.scenarios.procurement.world import HONEST, SCHEMES, Parameters, lot_effect, openness_effect
from simulations.types import Value

MOST_HOLDS = 10
MOST_POINTS = 5
LOTS = (0, 2, 4, 6, 8)


def form(**values: Value) -> dict[str, Value]:
    """A whole form: nothing reviewed but by lot unless said otherwise."""
    return {
        "lot_days": DAYS,
        "desk_days": 0,
        "field_days": 0,
        "forensic_days": 0,
        **dict.fromkeys(WEIGHT_FIELDS, 1),
        "comparison": "all_offices",
        "ranking": "points",
        "ai_mode": "ignore",
        "holds": 0,
        "hearing": "none",
        "publication": "none",
        **values,
    }


def baseline(_p: Parameters, _desk: Desk, _rounds: int) -> dict[str, Value]:
    """As always: twenty files drawn by lot, read at the desk."""
    return form()


def greedy(p: Parameters, _desk: Desk, _rounds: int) -> dict[str, Value]:
    """As many flags acted on as possible: the files with most flags, read at the desk, payments held, no hearing."""
    return form(lot_days=0, desk_days=DAYS, holds=p.greedy_holds)


def ai_only(p: Parameters, _desk: Desk, _rounds: int) -> dict[str, Value]:
    """Whatever the delivered tool puts on top: field reviews and held payments."""
    return form(lot_days=0, field_days=DAYS, ai_mode="auto", holds=p.greedy_holds // 2)


@lru_cache(maxsize=1)
def mixes() -> Ints:
    """All ways to spend the days the best policy weighs, (mix, lot and desk, field and forensic reviews)."""
    rows = [
        (lot, DAYS - lot - 4 * field - 8 * forensic, field, forensic)
        for lot in LOTS
        for forensic in range(3)
        for field in range(6)
        if lot + 4 * field + 8 * forensic <= DAYS
    ]
    return np.array(rows, dtype=np.intp)


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of the months after this one, if nothing changed."""

    overpaid: Floats  # PKR m by (month, scheme)

    def proven_worth(self, p: Parameters) -> Floats:
        """PKR m later months lose less for one proven case, by scheme."""
        fade = p.memory ** np.arange(len(self.overpaid))
        return np.asarray(p.deterrence * (fade[:, None] * self.overpaid).sum(axis=0), dtype=np.float64)

    def lot_worth(self, p: Parameters, lot: Ints) -> Floats:
        """PKR m next month loses less for reviews by lot."""
        next_month = float(self.overpaid[0].sum()) if len(self.overpaid) else 0.0
        return np.asarray(next_month * (1 - lot_effect(p, lot)), dtype=np.float64)


def outlook(p: Parameters, desk: Desk, rounds: int) -> Outlook:
    """Expected overpayment of the months to come by the belief of today."""
    left = max(rounds - desk.month, 0)
    rates = desk.belief @ desk.tables.rates_ahead[:left]
    surge = np.where(np.arange(desk.month + 1, desk.month + 1 + left) >= p.shock_month, p.shock_factor, 1.0)
    usual = p.costly_factor.mean() - (p.costly_factor[1] - p.costly_factor[0]) / 6  # each scheme a third of the time
    kept = (1.5 * p.costly_stays - 0.5) ** np.arange(1, left + 1)
    costs = usual + (desk.costs - usual) * kept[:, None]
    return Outlook(p.tenders * surge[:, None] * rates * costs * desk.tables.mean_overpaid)


def publication_worth(p: Parameters, desk: Desk, ahead: Outlook) -> Floats:
    """PKR m saved by each choice this month, its cost taken off, if the best single choice is kept afterwards."""
    left, goals = len(ahead.overpaid), p.openness_goal
    first = desk.climate.openness + p.openness_speed * (goals - desk.climate.openness)
    kept = (1 - p.openness_speed) ** np.arange(left)
    path = goals[None, :, None] + (first[:, None, None] - goals[None, :, None]) * kept
    saved = (ahead.overpaid * (1 - openness_effect(p, path))).sum(axis=(2, 3))
    later = (saved - p.publication_cost * left).max(axis=1)
    return np.asarray(later - p.publication_cost, dtype=np.float64)


def natural_points(p: Parameters, tables: Tables, mix: Floats, *, learnt: float) -> list[tuple[int, ...]]:
    """Distinct cards: points of each flag from its likelihood ratio among large offices (naive Bayes).

    mix: share of each scheme among abused tenders, one row a card.  learnt: probability that rings spread their bids.
    """
    fresh, late = tables.ordinary_flags
    chance = (1 - learnt) * fresh + learnt * late
    points = np.round(np.round(np.log(mix @ chance[1:] / chance[HONEST]) / p.point_value, 9))
    found = np.clip(points, 0, MOST_POINTS).astype(int).tolist()
    return list(dict.fromkeys(tuple(row) for row in found))


@dataclass(frozen=True)
class Cards:
    """Some lists of the month side by side: with each card, its first rows and what reviews of them would bring."""

    points: list[tuple[int, ...]]
    with_tool: list[bool]
    honest: Floats  # chance that nothing is wrong, (card, rank)
    back: Floats  # PKR m of overpayment proven, (card, rank, kind of review)
    worth: Floats  # recovery and deterrence in PKR m, (card, rank, kind of review)


def weighed_cards(p: Parameters, desk: Desk, ahead: Outlook, points: list[tuple[int, ...]]) -> Cards:
    """Each card without the tool's signal and with it, compared with a tender's peers and ranked by money."""
    tenders = desk.tenders
    plain = np.array(points, dtype=np.float64) @ tenders.rare_flags.T
    scores = np.round(np.concatenate([plain, plain + p.signal_points * tenders.signal_beside_peers]), 9)
    order = ranked(card_chance(p, scores) * tenders.price)[:, : DAYS + 1]
    chance = desk.kind_chance[order]
    share = desk.costs * desk.tables.overprice[1:].T[tenders.small[order]]
    back = (chance[:, :, 1:] * share * tenders.price[order][:, :, None]) @ desk.detection
    cases = (chance[:, :, 1:] * ahead.proven_worth(p)) @ desk.detection
    with_tool = [False] * len(points) + [True] * len(points)
    return Cards(points * 2, with_tool, chance[:, :, HONEST], back, p.recovery[0] * back + cases)


def mix_worth(cards: Cards) -> Floats:
    """What each way to spend the days brings along each list, (card, mix)."""
    total = np.concatenate([np.zeros((len(cards.points), 1, 3)), np.cumsum(cards.worth, axis=1)], axis=1)
    _, desk, field, deep = mixes().T
    middle, last = deep + field, deep + field + desk
    return np.asarray(
        total[:, deep, 2] + total[:, middle, 1] - total[:, deep, 1] + total[:, last, 0] - total[:, middle, 0]
    )


def hold_worth(p: Parameters, cards: Cards, mix: Ints) -> Floats:
    """What holding the first 0, 1, 2 ... payments of each list saves, with a hearing, (card, holds).

    mix: number of the mix by card; a payment nobody reviews is held for nothing.
    """
    _, desk, field, deep = mixes()[mix].T[:, :, None]
    rank = np.arange(MOST_HOLDS)
    level = np.where(rank < deep, FORENSIC, np.where(rank < deep + field, FIELD, DESK))
    back = np.take_along_axis(cards.back[:, :MOST_HOLDS], level[:, :, None], axis=2)[:, :, 0]
    back = np.where(rank < deep + field + desk, back, 0.0)
    gain = (p.recovery[1] - p.recovery[0]) * (1 - p.hearing_escape) * back
    days = p.hearing_clears * p.hold_days[0] + (1 - p.hearing_clears) * p.hold_days[1]
    cost = cards.honest[:, :MOST_HOLDS] * days * p.hold_cost + p.hearing_cost
    saved = np.cumsum(gain - cost, axis=1)
    return np.asarray(np.round(np.concatenate([np.zeros((len(saved), 1)), saved], axis=1), 9), dtype=np.float64)


def scheme_shares(desk: Desk) -> Floats:
    """Expected share of each scheme in the money overpaid this month."""
    share = desk.belief @ desk.shares[:, 1:] * desk.costs
    return np.asarray(share / share.sum(), dtype=np.float64)


def options(p: Parameters, desk: Desk, rounds: int, most: int) -> list[dict[str, Value]]:
    """Forms the best policy weighs: a card for what it expects and one for each scheme alone; the best ``most``."""
    ahead = outlook(p, desk, rounds)
    publication = PUBLICATIONS[int(np.argmax(np.round(publication_worth(p, desk, ahead), 9)))]
    mix_rows = np.vstack([scheme_shares(desk), np.eye(len(SCHEMES))])
    learnt = float(desk.belief @ desk.learnt)
    cards = weighed_cards(p, desk, ahead, natural_points(p, desk.tables, mix_rows, learnt=learnt))
    worth = np.round(mix_worth(cards) + ahead.lot_worth(p, mixes()[:, 0]), 9)
    mix = np.argmax(worth, axis=1)
    held = hold_worth(p, cards, mix)
    total = worth[np.arange(len(mix)), mix] + held.max(axis=1)
    return [
        _card_form(cards, number, mixes()[mix[number]], int(np.argmax(held[number])), publication)
        for number in ranked(total)[:most]
    ]


def _card_form(cards: Cards, number: int, mix: Ints, holds: int, publication: str) -> dict[str, Value]:
    lot, desk, field, forensic = (int(count) for count in mix)
    return form(
        lot_days=lot,
        desk_days=desk,
        field_days=field * int(REVIEW_DAYS[FIELD]),
        forensic_days=forensic * int(REVIEW_DAYS[FORENSIC]),
        **dict(zip(WEIGHT_FIELDS, cards.points[number], strict=True)),
        comparison="own_peers",
        ranking="money",
        ai_mode="advise" if cards.with_tool[number] else "ignore",
        holds=holds,
        hearing="written",
        publication=publication,
    )


def best(p: Parameters, desk: Desk, rounds: int) -> dict[str, Value]:
    """Naive Bayes with a belief refitted each month, and a knapsack of reviews by expected recovery."""
    return options(p, desk, rounds, 1)[0]


Rule = Callable[[Parameters, Desk, int], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
