"""One quarter in the office: letters, firms' choices, selection of audits, results, what firms learn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Bools, Floats, Ints
from simulations.estimates import lowest_first
from simulations.scenarios.tax_audit import response
from simulations.scenarios.tax_audit.tool import FEATURES, TRAINING, Records, Score, Trainer, design
from simulations.scenarios.tax_audit.world import CELLS, DISTRICTS, SECTORS, Firms, Parameters, Quarter, behaviour
from simulations.types import Value

AUDITS = 75
PAST, RISK, CAMPAIGN, RANDOM = range(4)  # what an audit was made for
AI_MODES = ("ignore", "advise", "auto")
IGNORE, ADVISE, AUTO = range(3)
RANKINGS = ("score", "yield")
PARTS = ("uncollected", "honest_hours", "letters")
NEVER = -100


@dataclass(frozen=True)
class Plan:
    """The decision of one quarter; choices as their number in the lists above."""

    risk: int
    random: int
    campaign: int
    campaign_sector: int
    field_share: float
    letters: int
    ai_mode: int
    ranking: int
    training: int
    features: int
    threshold: float


def plan(values: Mapping[str, Value]) -> Plan:
    """A form as a plan."""
    return Plan(
        risk=int(values["risk_audits"]),
        random=int(values["random_audits"]),
        campaign=int(values["campaign_audits"]),
        campaign_sector=SECTORS.index(str(values["campaign_sector"])),
        field_share=float(values["field_share"]),
        letters=int(values["letters"]),
        ai_mode=AI_MODES.index(str(values["ai_mode"])),
        ranking=RANKINGS.index(str(values["ranking"])),
        training=TRAINING.index(str(values["training"])),
        features=FEATURES.index(str(values["features"])),
        threshold=float(values["ai_threshold"]),
    )


@dataclass(frozen=True)
class State:
    """Everything that changes in a run."""

    round: int  # the quarter about to be played, 1-based
    cell_rate: Floats  # audit rate last quarter as firms of a cell saw it
    own: Floats  # how alive a firm's memory of its own audits is, 0 to 1
    letters: Ints  # letters a firm has had
    last_audit: Ints
    exposure: float
    records: Records
    audited: Floats  # audits of the run by district
    honest_audited: Floats
    loss: Floats  # by part, PKR m


@dataclass(frozen=True)
class Audits:
    """The audits of one quarter, one row each."""

    firm: Ints
    arm: Ints
    inclusion: Floats
    field: Bools
    read: int  # files read by officers before the list stood


@dataclass(frozen=True)
class Result:
    """What one quarter brought; the first five are hidden from the office."""

    evading: Bools
    evaded_share: Floats  # by firm
    honest_hours: float
    uncollected: float  # tax evaded this quarter and not recovered, PKR m
    audits: Audits
    found: Floats  # evaded share of this quarter's liability found, by audit
    perceived: Floats  # audit probability each firm expected
    assessed: float  # tax and penalty, PKR m
    units: float


def opening(p: Parameters, firms: Firms, records: Records) -> State:
    """The office on the first morning, with the results of past audits on file."""
    n = len(firms)
    return State(
        round=1,
        cell_rate=np.full(CELLS, p.initial_audit_rate),
        own=np.full(n, p.initial_audit_rate),
        letters=np.zeros(n, dtype=np.intp),
        last_audit=np.full(n, NEVER, dtype=np.intp),
        exposure=0.0,
        records=records,
        audited=np.zeros(DISTRICTS),
        honest_audited=np.zeros(DISTRICTS),
        loss=np.zeros(len(PARTS)),
    )


def past_audits(p: Parameters, firms: Firms, dice: Quarter) -> Records:
    """Results on file before quarter 1: mostly small retailers of two districts, each with a known chance."""
    factor = np.where(firms.familiar, p.history_factor, 1.0)
    chance = np.minimum(p.history_audits * factor / factor.sum(), 0.95)
    rows = np.flatnonzero(dice.random_die < chance)
    perceived = np.full(len(firms), p.initial_audit_rate)
    evading = dice.evade_die < response.chance_of_evasion(p, firms, perceived)
    quality = float(p.audit_quality[1])
    found = evading & (dice.detect_die < quality)
    shown = behaviour(p, firms, dice.noise, 0, 0.0)
    return Records(
        firm=rows.astype(np.intp),
        quarter=np.zeros(len(rows), dtype=np.intp),
        row=design(firms, shown, perceived)[rows],
        found=np.where(found, firms.evasion_share, 0.0)[rows],
        inclusion=chance[rows],
        quality=np.full(len(rows), quality),
        perceived=perceived[rows],
        arm=np.full(len(rows), PAST, dtype=np.intp),
    )


def current_rows(p: Parameters, firms: Firms, state: State, quarter: Quarter) -> Floats:
    """What the office knows of every firm this quarter, as the tool reads it."""
    shown = behaviour(p, firms, quarter.noise, state.round, state.exposure)
    return design(firms, shown, state.own)


def fitted(p: Parameters, state: State, chosen: Plan) -> Score:
    """The score the plan asks for."""
    return Trainer(p, state.records, state.round).score(chosen.training, chosen.features)


def priority(p: Parameters, firms: Firms, state: State, rows: Floats, chosen: Plan) -> tuple[Floats, Bools]:
    """Order of the risk list (lowest first) and which firms may stand on it."""
    rested = state.round - state.last_audit > p.rest_quarters
    if chosen.ai_mode == IGNORE:
        return state.last_audit + firms.rotation, rested
    score = fitted(p, state, chosen)
    chance = score.probability(rows)
    listed = rested & (chance >= chosen.threshold)
    return (-chance * firms.register, listed) if RANKINGS[chosen.ranking] == "yield" else (-chance, listed)


def _risk_list(p: Parameters, order: Ints, dice: Floats, evading: Bools, chosen: Plan) -> tuple[Ints, int]:
    """Firms of the risk arm and the number of files read for it.

    An officer who reads a file drops an honest firm with ``reading_drop_share``; at most twice the list is read.
    """
    if chosen.ai_mode != ADVISE or chosen.risk == 0:
        return order[: chosen.risk], 0
    read = order[: 2 * chosen.risk]
    kept = evading[read] | (dice[read] >= p.reading_drop_share)
    enough = np.flatnonzero(np.cumsum(kept) >= chosen.risk)
    files = int(enough[0]) + 1 if len(enough) else len(read)
    return read[:files][kept[:files]], files


def select(
    p: Parameters, firms: Firms, quarter: Quarter, chosen: Plan, order: Floats, listed: Bools, evading: Bools
) -> Audits:
    """The audits of a plan, each firm once, with the chance it had of being chosen.

    The random arm is a simple random sample of all firms, whatever else is chosen: only so is it unbiased.
    """
    n = len(firms)
    ranked = lowest_first(order, np.flatnonzero(listed), 2 * chosen.risk)
    risk, files = _risk_list(p, ranked, quarter.reading_die, evading, chosen)
    at_random = lowest_first(quarter.random_die, np.arange(n, dtype=np.intp), chosen.random)
    others = np.ones(n, dtype=np.bool_)
    others[risk] = False
    pool = np.flatnonzero(others & (firms.sector == chosen.campaign_sector))
    campaign = lowest_first(quarter.campaign_die, pool, chosen.campaign)
    arm = np.full(n, -1, dtype=np.intp)
    chance = np.full(n, chosen.random / n)
    chance[pool] = 1 - (1 - chosen.random / n) * (1 - len(campaign) / max(len(pool), 1))
    chance[risk] = 1.0
    for number, chosen_rows in ((RISK, risk), (CAMPAIGN, campaign), (RANDOM, at_random)):
        arm[chosen_rows] = number
    rows = np.flatnonzero(arm >= 0).astype(np.intp)
    return Audits(rows, arm[rows], chance[rows], _field(p, firms, rows, chosen, files), files)


def _field(p: Parameters, firms: Firms, rows: Ints, chosen: Plan, files: int) -> Bools:
    """Which audits are field audits: the largest firms by the register, as far as the units reach."""
    units = p.capacity_units - files * p.reading_units - len(rows)
    most = int(max(units, 0.0) / (p.field_units - 1) + 1e-9)
    count = min(int(chosen.field_share * len(rows) + 0.5), most)
    field = np.zeros(len(rows), dtype=np.bool_)
    field[lowest_first(-firms.register[rows], np.arange(len(rows), dtype=np.intp), count)] = True
    return field


def predictability(chosen: Plan) -> float:
    """Share of the unannounced audits that the tool chose, 0 to 1: the rest hides what it looks at."""
    if chosen.ai_mode == IGNORE or chosen.risk == 0:
        return 0.0
    return chosen.risk / (chosen.risk + chosen.random)


def _letters(firms: Firms, state: State, order: Floats, count: int) -> Ints:
    """Firms that get a letter: first in the order of the list, those with fewer letters before others."""
    place = np.empty(len(firms))
    place[np.argsort(np.round(order, 9), kind="stable")] = np.arange(len(firms))
    return lowest_first(place + len(firms) * state.letters, np.arange(len(firms), dtype=np.intp), count)


def play_quarter(p: Parameters, firms: Firms, state: State, quarter: Quarter, chosen: Plan) -> tuple[State, Result]:
    """Letters go out, firms decide, the office audits this quarter's returns."""
    rows = current_rows(p, firms, state, quarter)
    order, listed = priority(p, firms, state, rows, chosen)
    mailed = _letters(firms, state, order, chosen.letters)
    letter = np.zeros(len(firms))
    letter[mailed] = p.letter_effect * p.letter_repeat ** state.letters[mailed]
    perceived = response.perceived_audit(p, firms, state.cell_rate, state.own, letter)
    evading = quarter.evade_die < response.chance_of_evasion(p, firms, perceived)
    audits = select(p, firms, quarter, chosen, order, listed, evading)
    result = _result(p, firms, quarter, audits, evading, mailed, perceived)
    records = _records(p, state, rows, result)
    return _after(p, firms, state, chosen, mailed, result, records), result


def _result(
    p: Parameters, firms: Firms, quarter: Quarter, audits: Audits, evading: Bools, mailed: Ints, perceived: Floats
) -> Result:
    quality = p.audit_quality[audits.field.astype(np.intp)]
    hit = evading[audits.firm] & (quarter.detect_die[audits.firm] < quality)
    evaded = np.where(evading, firms.evasion_share, 0.0)
    found = np.where(hit, evaded[audits.firm], 0.0)
    recovered = float((found * firms.liability[audits.firm]).sum())
    honest = ~evading[audits.firm]
    hours = float(p.honest_hours[audits.field[honest].astype(np.intp)].sum())
    hours += p.letter_hours * float(np.count_nonzero(~evading[mailed]))
    units = len(audits.firm) + (p.field_units - 1) * float(np.count_nonzero(audits.field))
    return Result(
        evading=evading,
        evaded_share=evaded,
        honest_hours=hours,
        uncollected=float((evaded * firms.liability).sum()) - recovered,
        audits=audits,
        found=found,
        perceived=perceived,
        assessed=recovered * (1 + p.penalty_rate),
        units=units + p.reading_units * audits.read,
    )


def _records(p: Parameters, state: State, rows: Floats, result: Result) -> Records:
    audits = result.audits
    new = Records(
        firm=audits.firm,
        quarter=np.full(len(audits.firm), state.round, dtype=np.intp),
        row=rows[audits.firm],
        found=result.found,
        inclusion=audits.inclusion,
        quality=p.audit_quality[audits.field.astype(np.intp)],
        perceived=result.perceived[audits.firm],
        arm=audits.arm,
    )
    return state.records.with_more(new)


def _after(
    p: Parameters, firms: Firms, state: State, chosen: Plan, mailed: Ints, result: Result, records: Records
) -> State:
    audits, size = result.audits, np.maximum(np.bincount(firms.cell, minlength=CELLS), 1)
    seen = np.where(audits.arm == CAMPAIGN, p.campaign_publicity, 1.0)
    own, last, letters = p.own_memory * state.own, state.last_audit.copy(), state.letters.copy()
    own[audits.firm] = 1.0
    last[audits.firm] = state.round
    letters[mailed] += 1
    honest = ~result.evading[audits.firm]
    district = firms.district[audits.firm]
    costs = (result.uncollected, p.hour_weight * p.hour_value * result.honest_hours, p.letter_cost * len(mailed))
    return replace(
        state,
        round=state.round + 1,
        cell_rate=np.bincount(firms.cell[audits.firm], weights=seen, minlength=CELLS) / size,
        own=own,
        letters=letters,
        last_audit=last,
        exposure=state.exposure + predictability(chosen) ** p.guess_power,
        records=records,
        audited=state.audited + np.bincount(district, minlength=DISTRICTS),
        honest_audited=state.honest_audited + np.bincount(district[honest], minlength=DISTRICTS),
        loss=state.loss + np.array(costs),
    )
