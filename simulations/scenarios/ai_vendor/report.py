"""What a stage reports to the office, what stays hidden until the debrief, and the yardstick of the loss."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.ai_vendor import belief, policies, worth
from simulations.scenarios.ai_vendor.belief import Stand
from simulations.scenarios.ai_vendor.office import BIDS, LAST_RELEASE, Scheme, State, right_now
from simulations.scenarios.ai_vendor.world import (
    AI_USES,
    LANGUAGES,
    LOCAL,
    VENDORS,
    Parameters,
    beta_prior,
    draw_shock,
    form_posterior,
    mean_of,
    true_extras,
)
from simulations.types import Equity

PARTS = ("benefit", "paid", "pilot", "training", "exit")


def measured_right(p: Parameters, state: State) -> tuple[float, float] | None:
    """Share right by language in all that was measured of the contract's vendor last; None if nothing was."""
    if state.report_right:
        english, local = (count / p.report_cases for count in state.report_right)
    elif state.test_right:
        english, local = (count / p.acceptance_cases for count in state.test_right)
    else:
        return None
    return english, local


def clauses_held(p: Parameters, state: State) -> float:
    """Clauses of the eleven that the tender holds."""
    return float(p.clause_count @ np.array(state.clauses, dtype=np.float64))


def pilot_information(p: Parameters, scheme: Scheme, state: State) -> float:
    """Percent by which the pilot cut the uncertainty of the shortlist's local share right, per PKR m of its cost.

    Uncertainty is the variance of the prior; that of a Beta after n cases falls on average by n / (a + b + n).
    """
    if state.money.pilot == 0 or not state.shortlist:
        return 0.0
    cut = [
        n[LOCAL] / (sum(beta_prior(p, scheme.desk.bids[v])[LOCAL]) + n[LOCAL])
        for v, n in enumerate(state.pilot_n)
        if v in state.shortlist
    ]
    return 100 * float(np.mean(cut)) / state.money.pilot


def expected_value(scheme: Scheme, state: State) -> float:
    """What the office may expect the whole scheme to be worth in the end, PKR m, money already spent included.

    Benefit and harm already there count as expected too: nobody has measured them before the end.
    """
    p, desk = scheme.p, scheme.desk
    if state.round > LAST_RELEASE:
        return state.money.value
    if state.phase == "contract":
        served = policies.first_period(p, desk, state) if state.round == LAST_RELEASE else 0.0
        to_come = max(policies.continuing(p, desk, state), policies.stopping(p, desk, state))
        return served + to_come - state.money.spent
    if state.phase == "form":
        return _form_expected(scheme, state) - state.money.spent - _exit_paid(scheme, state)
    stand = Stand.of(desk, state)
    offers = [belief.offer(p, stand, vendor).worth for vendor in range(len(VENDORS))]
    return max(belief.form_worth(p, desk, 1)[1], *offers) - state.money.spent


def _form_expected(scheme: Scheme, state: State) -> float:
    p = scheme.p
    if state.terms is None:
        return belief.form_worth(p, scheme.desk, state.late)[1]
    share, ready = mean_of(form_posterior(p, scheme.desk.form_faults)), mean_of(p.readiness_prior)
    return worth.form_benefit(p, share, ready, state.terms.training, state.late) - p.form_cost


def _exit_paid(scheme: Scheme, state: State) -> float:
    if state.vendor < 0:
        return 0.0
    return worth.exit_bill(scheme.p, scheme.desk.bids[state.vendor], state.clauses)


def reported(scheme: Scheme, state: State) -> dict[str, float]:
    """Indicators the office has after a stage."""
    p = scheme.p
    measured = measured_right(p, state)
    holds = state.phase == "contract"
    return {
        "expected_value": round(expected_value(scheme, state), 6),
        "spent": state.money.spent,
        "blind_spend": state.money.blind,
        "pilot_information": pilot_information(p, scheme, state),
        "clauses_held": clauses_held(p, state) if state.round >= BIDS else 0.0,
        "measured_gap": 100 * abs(measured[0] - measured[1]) if measured else 0.0,
        "exit_cost": worth.exit_bill(p, scheme.desk.bids[state.vendor], state.clauses) if holds else 0.0,
    }


def true_right(scheme: Scheme, state: State) -> Floats:
    """True share of cases decided rightly by language: by the system in use, else by hand."""
    if state.phase == "contract":
        return right_now(scheme, state)
    return np.asarray(scheme.p.manual_right, dtype=np.float64)


def equity(scheme: Scheme, state: State) -> Equity:
    """Gap between languages in percentage points, and the share right of each in percent."""
    right = 100 * true_right(scheme, state)
    groups = {name: float(share) for name, share in zip(LANGUAGES, right, strict=True)}
    return Equity(abs(float(right[0] - right[1])), scheme.p.equity_threshold, groups, better="higher")


def hidden(scheme: Scheme, state: State) -> dict[str, float]:
    """Indicators of the debrief."""
    truth, p = scheme.truth, scheme.p
    english, local = 100 * true_right(scheme, state)
    form = worth.form_benefit(p, truth.form_share, truth.readiness, 0.0, 0) - p.form_cost
    return {
        "public_value": state.money.value,
        "best_possible": sum(yardstick(scheme).values()),
        "right_english": float(english),
        "right_local": float(local),
        "true_gap": abs(float(english - local)),
        "form_value": form,
    }


def loss_parts(scheme: Scheme, state: State) -> dict[str, float]:
    """PKR m lost against the best that could be had with all knowledge, by part; nothing before the end."""
    if state.round <= LAST_RELEASE:
        return dict.fromkeys(PARTS, 0.0)
    money, best = state.money, yardstick(scheme)
    own = {
        "benefit": money.benefit,
        "paid": -money.vendor - money.form,
        "pilot": -money.pilot,
        "training": -money.training,
        "exit": -money.exit,
    }
    return {part: best[part] - own[part] for part in PARTS}


def yardstick(scheme: Scheme) -> Mapping[str, float]:
    """Parts of the best possible value, costs negative: the mended form at once, or any vendor on fair terms.

    Knows everything but lets nobody be luckier than that: no pilot, clauses only where they pay, mending or not.
    """
    return _yardstick(scheme.p, scheme.seed, scheme)


@lru_cache(maxsize=4_096)
def _yardstick(p: Parameters, seed: int, scheme: Scheme) -> Mapping[str, float]:
    truth = scheme.truth
    gross = p.form_value * truth.form_share
    training = worth.best_training(p, gross, truth.readiness, belief.MOST_TRAINING)
    benefit = worth.form_benefit(p, truth.form_share, truth.readiness, training, 0)
    options = [_parts(benefit, p.form_cost, training, 0.0)]
    shock = draw_shock(p, seed)
    leaves = float(stream(seed, "exit").random())
    for vendor, use, oversight, mend in product(range(len(VENDORS)), AI_USES, (False, True), (False, True)):
        options.append(_ideal(scheme, vendor, use, oversight=oversight, mend=mend, jump=shock.jump,
                              bought=shock.bought == vendor, exit_die=leaves))  # fmt: skip
    return max(options, key=lambda parts: sum(parts.values()))


def _parts(benefit: float, paid: float, training: float, leave: float) -> dict[str, float]:
    return {"benefit": benefit, "paid": -paid, "pilot": 0.0, "training": -float(training), "exit": -leave}


def _ideal(
    scheme: Scheme, vendor: int, use: str, *, oversight: bool, mend: bool, jump: float, bought: bool, exit_die: float
) -> dict[str, float]:
    """A contract with this vendor as if all were known."""
    p, truth, bid = scheme.p, scheme.truth, scheme.desk.bids[vendor]
    bare = (False, False, False, False)
    harm = worth.data_bill(p, bid, bare, bought=bought) * truth.is_strict
    leaves = exit_die < p.exit_chance[int(bought)]
    data = harm > bid.price * p.clause_price[0]
    leave = leaves and p.exit_relief * bid.lock_in > bid.price * p.clause_price[1]
    clauses = (bool(data), bool(leave), mend, oversight)
    right = np.array(truth.right[vendor])
    after = worth.mended(p, right, np.ones(len(LANGUAGES)), 1.0) if mend else right
    gross = float(worth.gross_benefit(p, use, worth.mixture(after, truth.local_share), clauses))
    gross *= 1 - p.first_period * p.fix_delay * mend
    training = worth.best_training(p, gross, truth.readiness, belief.MOST_TRAINING)
    unpaid = p.fix_leverage if mend else p.upkeep_share
    price = worth.contract_price(p, bid, clauses, jump) * (1 + p.financing * unpaid**2)
    exits = leaves * worth.exit_bill(p, bid, clauses) + harm * (not data)
    benefit = gross * worth.take_up(p, truth.readiness, training)
    return _parts(benefit, price + true_extras(p, truth, vendor), training, exits)
