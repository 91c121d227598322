"""One half-year in the office: inspections, sensors, repairs, weight limits, what fails and what wears."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.estimates import lowest_first
from simulations.scenarios.maintenance import ledger, tool
from simulations.scenarios.maintenance.ledger import Belief, Page, Values
from simulations.scenarios.maintenance.world import (
    BAD,
    REGIONS,
    UNSEEN,
    HalfYear,
    Hidden,
    Network,
    Parameters,
    Past,
    failure_chance,
    recorded_grade,
    sensor_reading,
    worn,
)
from simulations.types import Value

INSPECTION_RULES = ("longest_unseen", "book", "tool")
LONGEST_UNSEEN, BY_BOOK, BY_TOOL = range(3)
REPAIR_RULES = ("reading", "inspected", "book")
BY_READING, BY_INSPECTION, REPAIR_BY_BOOK = range(3)
AI_MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
PARTS = ("works", "failures", "detours", "handed_over")
WORKS, FAILURES, DETOURS, HANDED_OVER = range(4)


@dataclass(frozen=True)
class Plan:
    """The decision of one half-year; choices as their number in the lists above."""

    inspections: tuple[int, int]  # by region
    inspection_rule: int
    repairs: int
    repair_rule: int
    alarm_threshold: float
    posting_threshold: float
    sensors: tuple[int, int]  # by region
    ai_mode: int


def plan(values: Mapping[str, Value]) -> Plan:
    """A form as a plan."""
    return Plan(
        inspections=(int(values["inspections_urban"]), int(values["inspections_rural"])),
        inspection_rule=INSPECTION_RULES.index(str(values["inspection_rule"])),
        repairs=int(values["repairs"]),
        repair_rule=REPAIR_RULES.index(str(values["repair_rule"])),
        alarm_threshold=float(values["alarm_threshold"]),
        posting_threshold=float(values["posting_threshold"]),
        sensors=(int(values["sensors_urban"]), int(values["sensors_rural"])),
        ai_mode=AI_MODES.index(str(values["ai_mode"])),
    )


@dataclass(frozen=True)
class Records:
    """What is on file of each bridge."""

    seen_grade: Ints  # at the last inspection or after works
    seen_round: Ints
    sensor_since: Ints  # round of installation; ``UNSEEN`` where there is none
    reading: Floats  # newest; 0 without a sensor
    rating: Floats  # the tool's estimated grade

    @property
    def has_sensor(self) -> Bools:
        """Bridges with a sensor."""
        return np.asarray(self.sensor_since > UNSEEN, dtype=np.bool_)


@dataclass(frozen=True)
class State:
    """Everything that changes in a run; ``belief`` follows from what is on file."""

    round: int  # the half-year about to be played, 1-based
    hidden: Hidden
    records: Records
    belief: Belief
    budget: float  # PKR m
    loss: Floats  # by part, PKR m
    expected_loss: float  # the same, failures counted by their probability
    risk_hours: Floats  # expected person-hours of detour by region
    repairs: int
    failures: int


@dataclass(frozen=True)
class Result:
    """What one half-year brought, one row a bridge."""

    inspected: Bools
    repaired: Bools
    opened_grade: Ints  # true grade when the half-year began
    posted: Bools
    failed: Bools
    spent: float  # PKR m
    hours: Floats  # person-hours of detour by region


def _sensors_at_start(p: Parameters, network: Network) -> Bools:
    """The bridges of most traffic of each region have one."""
    has = np.zeros(len(network), dtype=np.bool_)
    for region in range(len(REGIONS)):
        rows = np.flatnonzero(network.region == region)
        has[lowest_first(-network.posting_hours, rows, int(p.sensors_at_start[region]))] = True
    return has


def opening(p: Parameters, network: Network, past: Past, first: HalfYear) -> State:
    """The first morning: old inspections on file, the sensors just read."""
    has_sensor = _sensors_at_start(p, network)
    since = np.where(has_sensor, 1 - p.sensor_age, UNSEEN).astype(np.intp)
    reading = np.where(has_sensor, sensor_reading(p, past.hidden, since, 1, first.reading), 0.0)
    belief = ledger.first_belief(p, network, past)
    belief = belief.updated(ledger.reading_likelihood(p, has_sensor, reading, 1 - since))
    records = Records(
        seen_grade=past.seen_grade,
        seen_round=(1 - past.seen_ago).astype(np.intp),
        sensor_since=since,
        reading=reading,
        rating=tool.first_rating(p, has_sensor, reading),
    )
    zero = np.zeros(len(REGIONS))
    return State(1, past.hidden, records, belief, p.budget, np.zeros(len(PARTS)), 0.0, zero, 0, 0)


def _marked(rows: Ints, size: int) -> Bools:
    found = np.zeros(size, dtype=np.bool_)
    found[rows] = True
    return found


def _inspected(p: Parameters, network: Network, state: State, chosen: Plan, page: Page) -> Bools:
    """Bridges the inspectors go to, as far as the money lasts: towns first, in the order of the rule."""
    orders = {
        LONGEST_UNSEEN: state.records.seen_round.astype(np.float64),
        BY_BOOK: -page.doubt,
        BY_TOOL: -state.records.rating,
    }
    order, rows = orders[chosen.inspection_rule], []
    for region, count in enumerate(chosen.inspections):
        rows.append(lowest_first(order, np.flatnonzero(network.region == region), count))
    affordable = int(state.budget / p.inspection_cost + 1e-9)
    return _marked(np.concatenate(rows)[:affordable], len(network))


def _new_sensors(p: Parameters, network: Network, records: Records, chosen: Plan, money: float) -> Bools:
    """Bridges that get a sensor: those of most traffic without one, as far as the money lasts."""
    rows = []
    for region, count in enumerate(chosen.sensors):
        free = np.flatnonzero((network.region == region) & ~records.has_sensor)
        rows.append(lowest_first(-network.posting_hours, free, count))
    affordable = int(money / p.sensor_cost + 1e-9)
    return _marked(np.concatenate(rows)[:affordable], len(network))


def repair_order(records: Records, chosen: Plan, page: Page, price: float) -> Ints:
    """Bridges that reach the alarm threshold, most urgent first, by the officer's rule or by the tool.

    The book leaves out repairs that avert less than their cost at the price of the budget.
    """
    if chosen.ai_mode != IGNORE:
        grade, urgency = records.rating, records.rating
    elif chosen.repair_rule == BY_READING:
        grade, urgency = records.reading, records.reading
    elif chosen.repair_rule == BY_INSPECTION:
        grade = records.seen_grade.astype(np.float64)
        urgency = grade - records.seen_round / 1000
    else:
        grade = np.where(page.gain >= 1 + price, page.expected_grade, 0.0)
        urgency = page.gain
    rows = np.flatnonzero(np.round(grade, 9) >= chosen.alarm_threshold)
    return lowest_first(-urgency, rows, len(rows))


@dataclass(frozen=True)
class Works:
    """Repairs of a half-year, and the looks that engineers took before them."""

    repaired: Bools
    looked: Bools
    recorded: Ints


def _works(p: Parameters, state: State, chosen: Plan, order: Ints, die: Floats, money: float) -> Works:
    """Repairs down the list as far as number and money go.

    ``advise``: an engineer looks first, at an inspection's cost, and works start only where he records a bad grade.
    """
    n = len(die)
    recorded = recorded_grade(p, state.hidden.condition, die)
    if chosen.ai_mode != ADVISE:
        affordable = int(money / p.repair_cost + 1e-9)
        return Works(_marked(order[: min(chosen.repairs, affordable)], n), _marked(order[:0], n), recorded)
    order = order[: 2 * chosen.repairs]
    starts = recorded[order] >= BAD
    cost = np.cumsum(p.inspection_cost + p.repair_cost * starts)
    within = (np.round(cost, 9) <= np.round(money, 9)) & (np.cumsum(starts) - starts < chosen.repairs)
    return Works(_marked(order[within & starts], n), _marked(order[within], n), recorded)


def _posted(records: Records, chosen: Plan, page: Page, p: Parameters) -> Bools:
    chance = tool.worst_chance(p, records.rating) if chosen.ai_mode == AUTO else page.worst
    return np.asarray(chance >= chosen.posting_threshold, dtype=np.bool_)


@dataclass(frozen=True)
class Bureau:
    """What stays the same in a run: numbers, bridges, prices of their conditions, length of the run."""

    p: Parameters
    network: Network
    values: Values
    rounds: int

    def page(self, state: State, belief: Belief | None = None) -> Page:
        """The office's book in this half-year, that of the morning unless another belief is given."""
        flooded = state.hidden.flood.reaches(self.network, state.round)
        belief = state.belief if belief is None else belief
        return ledger.read_page(self.p, self.network, self.values, belief, state.round, flooded)


def play_half_year(bureau: Bureau, state: State, dice: HalfYear, chosen: Plan, morning: Page) -> tuple[State, Result]:
    """Inspections, sensors, works, limits; then failures, wear and the next readings."""
    p, network = bureau.p, bureau.network
    flooded = state.hidden.flood.reaches(network, state.round)
    inspected = _inspected(p, network, state, chosen, morning)
    recorded = recorded_grade(p, state.hidden.condition, dice.inspection)
    belief = state.belief.updated(ledger.seen_likelihood(p, inspected, recorded))
    records = _with_grades(state.records, inspected, recorded, state.round)
    money = state.budget - p.inspection_cost * np.count_nonzero(inspected)
    fitted = _new_sensors(p, network, records, chosen, money)
    money -= p.sensor_cost * np.count_nonzero(fitted)
    page = bureau.page(state, belief)
    works = _works(p, state, chosen, repair_order(records, chosen, page, p.budget_price), dice.look, money)
    if works.looked.any():
        belief = belief.updated(ledger.seen_likelihood(p, works.looked, works.recorded))
        records = _with_grades(records, works.looked, works.recorded, state.round)
        page = bureau.page(state, belief)
    money -= p.inspection_cost * np.count_nonzero(works.looked) + p.repair_cost * np.count_nonzero(works.repaired)
    posted = _posted(records, chosen, page, p) & ~works.repaired
    result = _result(p, network, state, dice, flooded, posted, works, inspected | works.looked, money)
    known = _Known(records, belief, fitted, failure_chance(p, flooded, posted))
    return _after(bureau, state, dice, result, known), result


def _with_grades(records: Records, seen: Bools, grade: Ints, round_number: int) -> Records:
    return Records(
        seen_grade=np.where(seen, grade, records.seen_grade).astype(np.intp),
        seen_round=np.where(seen, round_number, records.seen_round).astype(np.intp),
        sensor_since=records.sensor_since,
        reading=records.reading,
        rating=records.rating,
    )


def _result(
    p: Parameters, network: Network, state: State, dice: HalfYear, flooded: Bools, posted: Bools, works: Works,
    inspected: Bools, money: float,
) -> Result:  # fmt: skip
    grade = p.grade_of[state.hidden.condition]
    chance = failure_chance(p, flooded, posted)[np.arange(len(network)), grade - 1]
    failed = (dice.failure < chance) & ~works.repaired
    hours = np.where(failed, network.outage_hours, 0.0) + np.where(posted, network.posting_hours, 0.0)
    return Result(
        inspected=inspected,
        repaired=works.repaired,
        opened_grade=grade,
        posted=posted,
        failed=failed,
        spent=state.budget - money,
        hours=_by_region(network, hours),
    )


def _by_region(network: Network, hours: Floats) -> Floats:
    return np.asarray(np.bincount(network.region, weights=hours, minlength=len(REGIONS)), dtype=np.float64)


@dataclass(frozen=True)
class _Known:
    records: Records
    belief: Belief
    fitted: Bools
    chance: Floats  # of a failure, by (bridge, grade)


def _after(bureau: Bureau, state: State, dice: HalfYear, result: Result, known: _Known) -> State:
    p, network, rounds = bureau.p, bureau.network, bureau.rounds
    renewed = result.repaired | result.failed
    fresh = np.where(renewed, 0, state.hidden.condition).astype(np.intp)
    # a failed bridge is rebuilt by the end of the half-year, a repaired one wears from its start
    condition = np.where(result.failed, 0, worn(p, network, fresh, state.hidden.wear, dice.wear)).astype(np.intp)
    hidden = Hidden(condition, state.hidden.drifting & ~known.fitted, state.hidden.wear, state.hidden.flood)
    records, belief = _read_sensors(p, network, state, result, known, hidden, dice)
    return State(
        round=state.round + 1,
        hidden=hidden,
        records=records,
        belief=belief,
        budget=p.budget + p.carried_share * (state.budget - result.spent),
        loss=state.loss + _losses(p, state, result, condition, rounds),
        expected_loss=state.expected_loss + _expected_loss(p, network, result, known.chance, condition, rounds, state),
        risk_hours=state.risk_hours + _risk_hours(network, result, known.chance),
        repairs=state.repairs + int(np.count_nonzero(result.repaired)),
        failures=state.failures + int(np.count_nonzero(result.failed)),
    )


def _read_sensors(
    p: Parameters, network: Network, state: State, result: Result, known: _Known, hidden: Hidden, dice: HalfYear
) -> tuple[Records, Belief]:
    """The file and the book after everything that the half-year showed."""
    opened = ledger.opened_likelihood(p, result.repaired, result.opened_grade)
    # works reveal a grade and take the bridge out of danger, so only the others tell by failing or not
    survived = np.where(result.repaired[:, None, None], 1.0,
                        ledger.outcome_likelihood(p, known.chance, result.failed))  # fmt: skip
    belief = known.belief.updated(opened * survived).renewed(result.repaired)
    belief = belief.half_a_year_later(p, network).renewed(result.failed)
    if known.fitted.any():
        belief = belief.with_new_sensor(known.fitted)
    renewed = result.repaired | result.failed
    since = np.where(known.fitted, state.round + 1, known.records.sensor_since).astype(np.intp)
    has_sensor = np.asarray(since > UNSEEN, dtype=np.bool_)
    reading = np.where(has_sensor, sensor_reading(p, hidden, since, state.round + 1, dice.reading), 0.0)
    age = (state.round + 1 - since).astype(np.intp)
    belief = belief.updated(ledger.reading_likelihood(p, has_sensor, reading, age))
    records = Records(
        seen_grade=np.where(renewed, 1, known.records.seen_grade).astype(np.intp),
        seen_round=np.where(renewed, state.round, known.records.seen_round).astype(np.intp),
        sensor_since=since,
        reading=reading,
        rating=tool.next_rating(p, known.records.rating, has_sensor, renewed, reading),
    )
    return records, belief


def _handed_over(p: Parameters, condition: Ints, round_number: int, rounds: int) -> float:
    if round_number < rounds:
        return 0.0
    return p.handed_over_cost * float(np.count_nonzero(p.grade_of[condition] >= BAD))


def _losses(p: Parameters, state: State, result: Result, condition: Ints, rounds: int) -> Floats:
    losses = np.zeros(len(PARTS))
    losses[WORKS] = result.spent
    losses[FAILURES] = p.failure_cost * np.count_nonzero(result.failed)
    losses[DETOURS] = p.hour_value * float(result.hours.sum())
    losses[HANDED_OVER] = _handed_over(p, condition, state.round, rounds)
    return losses


def _chance_of_each(result: Result, chance: Floats) -> Floats:
    rows = np.arange(len(result.failed))
    return np.where(result.repaired, 0.0, chance[rows, result.opened_grade - 1])


def _expected_loss(
    p: Parameters, network: Network, result: Result, chance: Floats, condition: Ints, rounds: int, state: State
) -> float:
    """Loss of the half-year with failures counted by their probability given the hidden grade."""
    risk = float((_chance_of_each(result, chance) * network.failure_loss(p)).sum())
    limits = float(network.posting_loss(p)[result.posted].sum())
    return result.spent + risk + limits + _handed_over(p, condition, state.round, rounds)


def _risk_hours(network: Network, result: Result, chance: Floats) -> Floats:
    hours = _chance_of_each(result, chance) * network.outage_hours + result.posted * network.posting_hours
    return _by_region(network, hours)
