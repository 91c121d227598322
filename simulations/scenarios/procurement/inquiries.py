"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints, stream
from simulations.estimates import percent, stability_index
from simulations.inquiries import DECOYS, plain, wilson
from simulations.scenarios.procurement.belief import Desk
from simulations.scenarios.procurement.cases import alarm
from simulations.scenarios.procurement.office import tool_points
from simulations.scenarios.procurement.screens import BENFORD, CRITICAL_95, digit_distance, first_digits
from simulations.scenarios.procurement.world import (
    FLAGS,
    HONEST,
    OFFICES,
    RING,
    SCHEMES,
    SHELL,
    SINGLE,
    SIZES,
    Hidden,
    Parameters,
    Tenders,
    has_learnt,
    relative_bids,
    scheme_mix,
    shock,
    variation,
)

RING_FILES = 16
TOP_ALARMS = 8
REPORTS = 20
ASKED = 12
EXPLAINED = (0.8, 0.2)  # honest and abused tenders an office can explain on the telephone
ORDERS = 20
LINES = 24
LINE_SPREAD = 2.0
INVENTED = (0.4, 0.9)  # share of a shell firm's lines, in an ordinary month and where it pads most
PADDING_NOISE = 0.4
COMPLETE = (0.8, 0.25)  # share of offices with whole files, in an ordinary month and where they were weeded
TOP_FILES = 3
FILE_SIGNS = (0.5, 3.0)
GRAPH_RIGHT = 0.95
SPREAD_EDGES = np.array([0.02, 0.03, 0.04, 0.05, 0.06, 0.08])
LEAST_SPREAD_SHARE = 0.02


@dataclass(frozen=True)
class View:
    """Where the inquiry is made."""

    p: Parameters
    seed: int
    hidden: Hidden
    desk: Desk

    @property
    def tenders(self) -> Tenders:
        """This month's tenders."""
        return self.desk.tenders

    @property
    def padding(self) -> Floats:
        """Mean share of the price paid too much this month, by scheme, at large offices."""
        factor = np.full(len(SCHEMES), self.p.costly_factor[0])
        factor[self.hidden.costly[self.desk.month]] = self.p.costly_factor[1]
        return np.asarray(factor * self.desk.tables.overprice[1:, 0], dtype=np.float64)

    @property
    def weeded(self) -> int:
        """1 where files are incomplete this month."""
        return self.hidden.weeded[self.desk.month]

    def source(self, name: str) -> np.random.Generator:
        """Dice of this inquiry in this month."""
        return stream(self.seed, f"inquiry:{name}", self.desk.month)

    def sample(self, name: str, rows: Ints, size: int) -> Ints:
        """A simple random sample without replacement of at most ``size`` of the rows."""
        die = self.source(name).random(len(rows))
        return np.asarray(rows[np.argsort(die, kind="stable")[:size]], dtype=np.intp)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's own claim and where it was measured."""
    return {"claimed": 100 * view.p.claimed_precision, "small": 0.0}


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Files read to the end: how often the tool's alarm was right, half of them from small offices."""
    warned, wrong = alarm(view.p, view.tenders) == 1, view.tenders.kind != HONEST
    values: dict[str, float] = {}
    for number, name in enumerate(SIZES):
        rows = view.sample(f"error:{name}", np.flatnonzero(warned & (view.tenders.small == number)), size // 2)
        right = int(np.count_nonzero(wrong[rows]))
        low, high = wilson(right, len(rows))
        values |= {f"n_{name}": float(len(rows)), f"right_{name}": float(right)}
        values |= {f"low_{name}": 100 * low, f"high_{name}": 100 * high}
    return values


def _ring_spreads(view: View, name: str, *, learnt: bool) -> Floats:
    dice = view.source(name).random((RING_FILES, 5))
    bids = relative_bids(view.p, np.full(RING_FILES, RING), learnt, dice)
    return variation(bids, np.full(RING_FILES, 4))


def drift_check(view: View) -> Mapping[str, float]:
    """Spread of bids in rings proven in other provinces, last year and this month, and the days advertised."""
    then = _ring_spreads(view, "ring_then", learnt=False)
    now = _ring_spreads(view, "ring_now", learnt=has_learnt(view.p, view.hidden, view.desk.month))
    short = float(view.p.short_notice[HONEST])
    return {
        "n": float(RING_FILES),
        "spread_then": 100 * float(then.mean()),
        "spread_now": 100 * float(now.mean()),
        "psi_spread": stability_index(then, now, SPREAD_EDGES, LEAST_SPREAD_SHARE),
        "short_then": 100 * short,
        "short_now": percent(float(np.count_nonzero(view.tenders.short)), float(len(view.tenders))),
    }


def why_this_case(view: View) -> Mapping[str, float]:
    """Points behind the tool's highest score, and how many of its top alarms the offices could explain."""
    points = tool_points(view.p, view.tenders)
    top = np.argsort(-points, kind="stable")[:TOP_ALARMS]
    row = int(top[0])
    share = view.tenders.flags[row] * view.p.vendor_points
    wrong = (view.tenders.kind[top] != HONEST).astype(np.intp)
    explained = view.source("explained").random(len(top)) < np.array(EXPLAINED)[wrong]
    return {
        **{flag: float(share[number]) for number, flag in enumerate(FLAGS)},
        "signal": float(points[row] - share.sum()),
        "total": float(points[row]),
        "n": float(len(top)),
        "explained": float(np.count_nonzero(explained)),
        "small": float(np.count_nonzero(view.tenders.small[top])),
    }


def history(view: View) -> Mapping[str, float]:
    """Schemes in the abuse that audit offices confirmed of late, all provinces together, and what each cost."""
    source = view.source("history")
    counts = source.multinomial(REPORTS, scheme_mix(view.p)[view.hidden.schemes[view.desk.month]])
    noise = np.exp(PADDING_NOISE * source.standard_normal(len(SCHEMES)))
    padding = 100 * view.padding * noise
    return {
        "n": float(REPORTS),
        **{name: float(count) for name, count in zip(SCHEMES, counts, strict=True)},
        **{f"padding_{name}": float(share) for name, share in zip(SCHEMES, padding, strict=True)},
    }


def field_officer(view: View) -> Mapping[str, float]:
    """Single bids of small offices that have no other supplier in reach, and offices that handed over whole files."""
    tenders = view.tenders
    rows = np.flatnonzero((tenders.flags[:, SINGLE] > 0) & (tenders.small == 1))
    rows = view.sample("field_officer", rows, ASKED)
    wrong = (tenders.kind[rows] != HONEST).astype(np.intp)
    alone = view.source("alone").random(len(rows)) < np.array(EXPLAINED)[wrong]
    complete = view.source("complete").binomial(OFFICES, COMPLETE[view.weeded])
    return {
        "n": float(len(rows)),
        "alone": float(np.count_nonzero(alone)),
        "offices": float(OFFICES),
        "complete": float(complete),
    }


def suppliers(view: View) -> Mapping[str, float]:
    """Suppliers who lost a tender this month: how many saw one that was settled beforehand, and what
    they think costs most."""
    rate = float((view.tenders.kind != HONEST).mean())
    told = view.source("suppliers").binomial(5 * ASKED, rate)
    low, high = wilson(int(told), 5 * ASKED)
    dearest = np.where(np.arange(len(SCHEMES)) == view.hidden.costly[view.desk.month], 0.6, 0.2)
    named = view.source("dearest").multinomial(ASKED, dearest)
    return {
        "n": 5.0 * ASKED,
        "told": float(told),
        "low": 100 * low,
        "high": 100 * high,
        "asked": float(ASKED),
        **{name: float(count) for name, count in zip(SCHEMES, named, strict=True)},
    }


def law(view: View) -> Mapping[str, float]:
    """Orders set aside on appeal, by whether the supplier had been heard; whether the exemption is in force."""
    share = float(view.p.overturned[view.hidden.overturned])
    return {
        "n": float(ORDERS),
        "overturned": float(view.source("law").binomial(ORDERS, share)),
        "exempt": float(shock(view.p, view.desk.month)),
    }


def bid_file(view: View) -> Mapping[str, float]:
    """Signs of manipulation in the files of the three dearest tenders the tool warns of."""
    tenders = view.tenders
    warned = np.flatnonzero(alarm(view.p, tenders) == 1)
    rows = warned[np.argsort(-tenders.price[warned], kind="stable")[:TOP_FILES]]
    wrong = (tenders.kind[rows] != HONEST).astype(np.intp)
    signs = view.source("bid_file").poisson(np.array(FILE_SIGNS)[wrong])
    padded = [*(float(sign) for sign in signs), *[0.0] * TOP_FILES][:TOP_FILES]
    missing = view.source("missing").binomial(len(rows), 1 - COMPLETE[view.weeded])
    return {
        "n": float(len(rows)),
        "missing": float(missing),
        **{f"signs_{number + 1}": value for number, value in enumerate(padded)},
    }


def ownership_graph(view: View) -> Mapping[str, float]:
    """Tenders whose bidders share a contact: behind how many stands one owner."""
    rows = np.flatnonzero(view.tenders.shared)
    shell = view.tenders.kind[rows] == SHELL
    right = view.source("ownership").random(len(rows)) < GRAPH_RIGHT
    noise = float(np.exp(PADDING_NOISE / 2 * view.source("market").standard_normal()))
    return {
        "n": float(len(rows)),
        "one_owner": float(np.count_nonzero(np.where(right, shell, ~shell))),
        "above": 100 * float(view.padding[SHELL - 1]) * noise,
    }


def benford_plot(view: View) -> Mapping[str, float]:
    """First digits of invoice lines of tenders with a shared contact; many of shell firms' are invented."""
    rows = np.flatnonzero(view.tenders.shared)
    source = view.source("benford")
    real = 10 ** (LINE_SPREAD * source.random((len(rows), LINES)) + 3)
    invented = 1 + np.floor(9 * source.random((len(rows), LINES)))
    padded = view.hidden.costly[view.desk.month] == SHELL - 1
    touched = source.random((len(rows), LINES)) < INVENTED[int(padded)]
    shell = (view.tenders.kind[rows] == SHELL)[:, None] & touched
    digits = np.where(shell, invented, first_digits(real.ravel()).reshape(real.shape)).ravel().astype(np.intp)
    ones = percent(float(np.count_nonzero(digits == 1)), float(len(digits)))
    return {
        "n": float(len(digits)),
        "distance": digit_distance(digits) if len(digits) else 0.0,
        "critical": CRITICAL_95,
        "ones": ones,
        "expected": 100 * float(BENFORD[0]),
    }


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "suppliers": plain(suppliers),
    "law": plain(law),
    "bid_file": plain(bid_file),
    "ownership_graph": plain(ownership_graph),
    "benford_plot": plain(benford_plot),
    **DECOYS,
}
