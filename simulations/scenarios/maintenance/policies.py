"""Four reference policies. They see what the office knows, never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools
from simulations.estimates import lowest_first
from simulations.scenarios.maintenance.ledger import Page
from simulations.scenarios.maintenance.office import Records
from simulations.scenarios.maintenance.world import Network, Parameters
from simulations.types import Value

MOST_REPAIRS = 8
TOOL_INSPECTIONS = 10
THRESHOLDS = np.round(0.05 * np.arange(1, 21), 2)
NEVER = 1.0


@dataclass(frozen=True)
class Desk:
    """What the office knows at the start of a half-year and a policy may use; ``read_book`` opens the book."""

    network: Network
    records: Records
    budget: float  # PKR m
    read_book: Callable[[], Page]

    def by_region(self, bridges: Bools) -> tuple[int, int]:
        """How many of these bridges are urban and rural."""
        rural = int(np.count_nonzero(bridges & self.network.rural))
        return int(np.count_nonzero(bridges)) - rural, rural


def _form(**values: Value) -> dict[str, Value]:
    return {
        "inspections_urban": 0,
        "inspections_rural": 0,
        "inspection_rule": "longest_unseen",
        "repairs": 0,
        "repair_rule": "inspected",
        "alarm_threshold": 4.0,
        "posting_threshold": NEVER,
        "sensors_urban": 0,
        "sensors_rural": 0,
        "ai_mode": "ignore",
        **values,
    }


def baseline(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """Run to failure: whatever breaks is rebuilt, nothing else is done."""
    return _form()


def greedy(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """The worst readings first, as many as the money allows."""
    return _form(repairs=MOST_REPAIRS, repair_rule="reading", alarm_threshold=3.0)


def ai_only(_p: Parameters, desk: Desk) -> dict[str, Value]:
    """Whatever the tool says: it chooses repairs, weight limits and where to look."""
    top = np.zeros(len(desk.network), dtype=np.bool_)
    top[np.argsort(-np.round(desk.records.rating, 9), kind="stable")[:TOOL_INSPECTIONS]] = True
    urban, rural = desk.by_region(top)
    return _form(
        inspections_urban=urban,
        inspections_rural=rural,
        inspection_rule="tool",
        repairs=MOST_REPAIRS,
        alarm_threshold=3.5,
        posting_threshold=0.5,
        ai_mode="auto",
    )


def break_even(p: Parameters, network: Network) -> float:
    """Probability of grade 5 from which a weight limit averts more than its detour costs, mean of the bridges."""
    averted = float(p.failure_rate[-1]) * (1 - p.posted_factor) * network.failure_loss(p)
    return float((network.posting_loss(p) / averted).mean())


def posting_threshold(p: Parameters, network: Network, page: Page) -> float:
    """The threshold on the form whose weight limits avert most by the book; of equals, the nearest to break-even."""
    at_least = page.worst >= THRESHOLDS[:, None]
    averted = np.round(at_least @ page.limit, 9)
    apart = np.where(averted >= averted.max(), np.abs(THRESHOLDS - break_even(p, network)), np.inf)
    return round(float(THRESHOLDS[int(np.argmin(np.round(apart, 9)))]), 2)


def worth_looking_at(p: Parameters, page: Page, budget: float) -> Bools:
    """Bridges to inspect: by doubt, as many as leave the most after inspections and the repairs still affordable.

    Each number is weighed (a knapsack of two kinds): what the looks avert less their cost, and what the repairs avert
    that the rest of the budget pays for. A look counts ``best_look_weight`` times what the book says: it prices this
    half-year's choice only, and the grade is still known in the next.
    """
    numbers = np.arange(min(len(page.doubt), int(budget / p.inspection_cost + 1e-9)) + 1)
    looks = np.concatenate([[0.0], np.cumsum(-np.sort(-page.doubt) * p.best_look_weight - p.inspection_cost)])
    net = p.repair_cost * np.maximum(-np.sort(-page.gain) - 1 - p.budget_price, 0.0)
    works = np.concatenate([[0.0], np.cumsum(net)])
    affordable = ((budget - numbers * p.inspection_cost) / p.repair_cost + 1e-9).astype(np.intp)
    total = looks[numbers] + works[np.minimum(affordable, len(net))]
    first = lowest_first(-page.doubt, np.arange(len(net), dtype=np.intp), int(np.argmax(np.round(total, 9))))
    return np.asarray(np.isin(np.arange(len(net)), first), dtype=np.bool_)


def best(p: Parameters, desk: Desk) -> dict[str, Value]:
    """Look where looking averts more than it costs, repair by gain per rupee, post where a limit averts more."""
    page = desk.read_book()
    urban, rural = desk.by_region(worth_looking_at(p, page, desk.budget))
    return _form(
        inspections_urban=urban,
        inspections_rural=rural,
        inspection_rule="book",
        repairs=MOST_REPAIRS,
        repair_rule="book",
        alarm_threshold=p.best_alarm_threshold,
        posting_threshold=posting_threshold(p, desk.network, page),
    )


Rule = Callable[[Parameters, Desk], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
