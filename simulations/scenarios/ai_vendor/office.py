"""One stage of a scheme after another: need, tender, bids, pilot, contract, first release, last release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.ai_vendor import worth
from simulations.scenarios.ai_vendor.world import (
    CLAUSES,
    LANGUAGES,
    VENDORS,
    Desk,
    Parameters,
    Shock,
    Truth,
    draw_shock,
    true_extras,
)
from simulations.types import Value

NEED, TENDER, BIDS, PILOT, CONTRACT, FIRST_RELEASE, LAST_RELEASE = range(1, 8)
MOST_PILOT_CASES = 400
Phase = Literal["tender", "contract", "form"]
Counts = tuple[tuple[int, ...], ...]
NO_COUNTS: Counts = ((0, 0),) * len(VENDORS)


@dataclass(frozen=True)
class Money:
    """PKR m so far. form: to mend it.  exit: leaving a vendor, and harm from data abroad."""

    benefit: float = 0.0
    vendor: float = 0.0
    form: float = 0.0
    pilot: float = 0.0
    training: float = 0.0
    exit: float = 0.0
    blind: float = 0.0

    @property
    def spent(self) -> float:
        """Everything paid, without harm and exit."""
        return self.vendor + self.form + self.pilot + self.training

    @property
    def value(self) -> float:
        """Net public value."""
        return self.benefit - self.spent - self.exit


@dataclass(frozen=True)
class State:
    """Where a scheme stands. Counts are (vendor, language) in the pilot, by language in test and report.

    late: what ``form_late`` counts, once the office has chosen the form.  price: of the contract, PKR m.
    """

    round: int = NEED
    phase: Phase = "tender"
    use: str = "summaries"
    clauses: worth.Clauses = (False, False, False, False)
    shortlist: tuple[int, ...] = ()
    pilot_n: Counts = NO_COUNTS
    pilot_right: Counts = NO_COUNTS
    shock: Shock | None = None
    vendor: int = -1
    terms: worth.Terms | None = None
    price: float = 0.0
    test_right: tuple[int, ...] = ()
    failed: tuple[bool, ...] = ()
    report_right: tuple[int, ...] = ()
    late: int = 0
    money: Money = Money()


@dataclass(frozen=True)
class Scheme:
    """A run's parameters, dice and what lies on the desk or is hidden."""

    p: Parameters
    seed: int
    desk: Desk
    truth: Truth


def opening() -> State:
    """Before the need statement; nothing is decided and nothing spent."""
    return State()


def ranking(desk: Desk, quality_weight: float) -> tuple[int, ...]:
    """Vendors by quality-and-cost scoring: claim over the highest claim, lowest price over price."""
    most, least = max(bid.claim for bid in desk.bids), min(bid.price for bid in desk.bids)
    scores = [quality_weight * bid.claim / most + (1 - quality_weight) * least / bid.price for bid in desk.bids]
    return tuple(sorted(range(len(VENDORS)), key=lambda v: (-round(scores[v], 9), v)))


def _need(_scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    if form["use_case"] == "fix_form":
        return replace(state, phase="form", late=0)
    return replace(state, use=str(form["use_case"]))


def _tender(_scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    data, leave, fairness, oversight = (form[name] == "yes" for name in CLAUSES)
    return replace(state, clauses=(data, leave, fairness, oversight))


def _bids(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    order = ranking(scheme.desk, float(form["quality_weight"]))
    return replace(state, shortlist=tuple(sorted(order[: int(form["shortlist"])])))


def pilot_sizes(cases: int, local: float) -> tuple[int, int]:
    """Cases a vendor is tried on, by language."""
    in_local = round(cases * local)
    return cases - in_local, in_local


def _pilot(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    sizes = pilot_sizes(int(form["pilot_cases"]), float(form["pilot_local"]))
    dice = stream(scheme.seed, "pilot").random((len(VENDORS), len(LANGUAGES), MOST_PILOT_CASES))
    tried: list[tuple[int, ...]] = [(0, 0)] * len(VENDORS)
    right = list(tried)
    for vendor in state.shortlist:
        tried[vendor] = sizes
        right[vendor] = tuple(
            int(np.count_nonzero(dice[vendor, language, :n] < scheme.truth.right[vendor][language]))
            for language, n in enumerate(sizes)
        )
    cost = scheme.p.pilot_price * sum(sizes) * len(state.shortlist)
    paid = replace(state.money, pilot=state.money.pilot + cost)
    return replace(state, pilot_n=tuple(tried), pilot_right=tuple(right), money=paid)


def read_terms(form: Mapping[str, Value]) -> worth.Terms:
    """The terms of a contract on a form."""
    return worth.Terms(
        acceptance=float(form["acceptance"]),
        advance=float(form["advance_share"]),
        on_acceptance=float(form["acceptance_share"]),
        final=float(form["final_share"]),
        training=float(form["training_budget"]),
    )


def _contract(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    terms = read_terms(form)
    money = replace(state.money, training=state.money.training + terms.training)
    if state.phase == "form":
        return replace(state, terms=terms, money=money)
    if form["award"] == "none":
        return replace(state, phase="form", late=1, terms=terms, money=money)
    return _sign(scheme, state, VENDORS.index(str(form["award"])), terms, money)


def _sign(scheme: Scheme, state: State, vendor: int, terms: worth.Terms, money: Money) -> State:
    p, jump = scheme.p, state.shock.jump if state.shock else 0.0
    price = worth.contract_price(p, scheme.desk.bids[vendor], state.clauses, jump) * worth.terms_factor(p, terms)
    dice = stream(scheme.seed, "test").random((len(LANGUAGES), p.acceptance_cases))
    shares = np.array(scheme.truth.right[vendor])
    passed = np.count_nonzero(dice < shares[:, None], axis=1)
    failed = worth.fails_test(p, passed / p.acceptance_cases, terms.acceptance, state.clauses)
    advance = terms.advance * price
    paid = replace(
        money,
        vendor=money.vendor + advance + true_extras(p, scheme.truth, vendor),
        blind=advance if sum(state.pilot_n[vendor]) == 0 else 0.0,
    )
    return replace(
        state,
        phase="contract",
        vendor=vendor,
        terms=terms,
        price=price,
        test_right=tuple(int(n) for n in passed),
        failed=tuple(bool(f) for f in failed),
        money=paid,
    )


def right_now(scheme: Scheme, state: State) -> Floats:
    """True share right of the contract's system by language, after mending."""
    if state.terms is None:
        raise ValueError("No contract has been signed.")
    shares = np.array(scheme.truth.right[state.vendor])
    if state.round <= FIRST_RELEASE:
        return shares
    return worth.mended(scheme.p, shares, np.array(state.failed, dtype=np.float64), 1 - state.terms.advance)


def _first_release(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    if state.phase != "contract" or state.terms is None:
        return state
    if form["go_on"] == "stop":
        return _leave(scheme, state, late=2)
    p, terms = scheme.p, state.terms
    running = replace(state, round=LAST_RELEASE)
    right = right_now(scheme, running)
    dice = stream(scheme.seed, "report").random((len(LANGUAGES), p.report_cases))
    reported = np.count_nonzero(dice < right[:, None], axis=1)
    served = p.first_period * (1 - p.fix_delay * any(state.failed)) * _yearly(scheme, state, right)
    harm = worth.data_bill(p, scheme.desk.bids[state.vendor], state.clauses, bought=_is_bought(state))
    money = replace(
        state.money,
        benefit=state.money.benefit + served,
        vendor=state.money.vendor + terms.on_acceptance * state.price,
        exit=state.money.exit + harm * scheme.truth.is_strict,
    )
    return replace(state, report_right=tuple(int(n) for n in reported), money=money)


def _is_bought(state: State) -> bool:
    return state.shock is not None and state.shock.bought == state.vendor


def _yearly(scheme: Scheme, state: State, right: Floats) -> float:
    """Benefit of the whole service life at these shares right."""
    training = state.terms.training if state.terms else 0.0
    gross = worth.gross_benefit(scheme.p, state.use, worth.mixture(right, scheme.truth.local_share), state.clauses)
    return float(gross) * worth.take_up(scheme.p, scheme.truth.readiness, training)


def _leave(scheme: Scheme, state: State, *, late: int) -> State:
    bill = worth.exit_bill(scheme.p, scheme.desk.bids[state.vendor], state.clauses)
    return replace(state, phase="form", late=late, money=replace(state.money, exit=state.money.exit + bill))


def _last_release(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    if state.phase == "contract" and form["go_on"] == "stop":
        return _mend_form(scheme, _leave(scheme, state, late=3))
    if state.phase != "contract" or state.terms is None:
        return _mend_form(scheme, state)
    p = scheme.p
    right = np.maximum(0.0, right_now(scheme, state) - worth.upkeep(p, state.terms.final))
    leaves = stream(scheme.seed, "exit").random() < p.exit_chance[int(_is_bought(state))]
    money = replace(
        state.money,
        benefit=state.money.benefit + (1 - p.first_period) * _yearly(scheme, state, right),
        vendor=state.money.vendor + state.terms.final * state.price,
    )
    if leaves:
        bill = worth.exit_bill(p, scheme.desk.bids[state.vendor], state.clauses)
        money = replace(money, exit=money.exit + bill)
    return replace(state, money=money)


def _mend_form(scheme: Scheme, state: State) -> State:
    p, truth = scheme.p, scheme.truth
    training = state.terms.training if state.terms else 0.0
    benefit = worth.form_benefit(p, truth.form_share, truth.readiness, training, state.late)
    money = replace(state.money, benefit=state.money.benefit + benefit, form=state.money.form + p.form_cost)
    return replace(state, money=money)


STAGES: Mapping[int, Callable[[Scheme, State, Mapping[str, Value]], State]] = {
    NEED: _need,
    TENDER: _tender,
    BIDS: _bids,
    PILOT: _pilot,
    CONTRACT: _contract,
    FIRST_RELEASE: _first_release,
    LAST_RELEASE: _last_release,
}


def play_stage(scheme: Scheme, state: State, form: Mapping[str, Value]) -> State:
    """The state after this stage's decision; the shock is known from stage 5 on."""
    after = replace(STAGES[state.round](scheme, state, form), round=state.round + 1)
    if after.round == CONTRACT:
        return replace(after, shock=draw_shock(scheme.p, scheme.seed))
    return after
