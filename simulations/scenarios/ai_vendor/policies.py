"""Four reference policies. They see what the office knows, never the hidden truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np

from simulations.scenarios.ai_vendor import belief, worth
from simulations.scenarios.ai_vendor.belief import Stand
from simulations.scenarios.ai_vendor.evidence import Prior, posterior_mean
from simulations.scenarios.ai_vendor.office import (
    BIDS,
    CONTRACT,
    FIRST_RELEASE,
    NEED,
    PILOT,
    TENDER,
    State,
    ranking,
)
from simulations.scenarios.ai_vendor.world import (
    AI_USES,
    CLAUSES,
    VENDORS,
    Desk,
    Parameters,
    form_posterior,
    mean_of,
)
from simulations.types import Value

WEIGHTS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
RELEASES = ((0.4, 0.4, 0.2), (0.3, 0.5, 0.2), (0.2, 0.6, 0.2), (0.5, 0.3, 0.2), (0.4, 0.3, 0.3))
YES = ("no", "yes")

Form = dict[str, Value]


def _form(**changes: Value) -> Form:
    return {
        "use_case": "summaries",
        **dict.fromkeys(CLAUSES, "no"),
        "quality_weight": 0.5,
        "shortlist": 1,
        "pilot_cases": 0,
        "pilot_local": 0.5,
        "award": "none",
        "acceptance": 0.6,
        "training_budget": 0,
        "advance_share": 0.6,
        "acceptance_share": 0.3,
        "final_share": 0.1,
        "go_on": "continue",
        **changes,
    }


def _named(vendor: int) -> str:
    return VENDORS[vendor]


def baseline(_p: Parameters, desk: Desk, _state: State) -> Form:
    """As always: the lowest price, no pilot, no clauses, 60 % in advance."""
    cheapest = min(range(len(VENDORS)), key=lambda v: (desk.bids[v].price, v))
    return _form(award=_named(cheapest))


def greedy(_p: Parameters, desk: Desk, _state: State) -> Form:
    """The highest claim, put to the use that is worth most if the claim is true."""
    highest = max(range(len(VENDORS)), key=lambda v: (desk.bids[v].claim, -v))
    return _form(use_case="answers", quality_weight=0.8, award=_named(highest), training_budget=3)


def assistant_pick(desk: Desk) -> int:
    """The assistant's first: claim, certificate and silence on exclusions, as its summaries have them."""
    scores = [bid.claim + 0.05 * bid.certificate_listed - 0.05 * bid.exclusion_listed for bid in desk.bids]
    return max(range(len(VENDORS)), key=lambda v: (round(scores[v], 9), -v))


def ai_only(_p: Parameters, desk: Desk, _state: State) -> Form:
    """Whatever the assistant suggests."""
    return _form(quality_weight=0.7, award=_named(assistant_pick(desk)), training_budget=3)


def best(p: Parameters, desk: Desk, state: State) -> Form:
    """Preposterior analysis from the last stage back, by the worth of what can still be decided after it."""
    form, stand = _form(), Stand.of(desk, state)
    if state.phase == "form":
        return form | _form_training(p, desk, state)
    if state.round == NEED:
        form["use_case"] = _need(p, belief.everyone(stand))
    elif state.round == TENDER:
        form |= dict(zip(CLAUSES, (YES[held] for held in _clauses(p, belief.everyone(stand))), strict=True))
    elif state.round == BIDS:
        form["quality_weight"], form["shortlist"] = _shortlist(p, stand)
    elif state.round == PILOT:
        form["pilot_cases"], form["pilot_local"] = belief.best_pilot(p, stand)
    elif state.round == CONTRACT:
        form |= _award(p, stand)
    else:
        gain = round(continuing(p, desk, state) - stopping(p, desk, state), 6)
        form["go_on"] = "continue" if gain >= 0 else "stop"
    return form


def _form_training(p: Parameters, desk: Desk, state: State) -> Form:
    if state.round != CONTRACT:
        return {}
    return {"training_budget": belief.form_worth(p, desk, state.late)[0]}


@lru_cache(maxsize=2_000)
def _clauses(p: Parameters, stand: Stand) -> worth.Clauses:
    """Bundle by bundle: held if the tender then promises more, given the bundles already weighed."""
    held = list(stand.clauses)
    for number in range(len(CLAUSES)):
        worths = [
            round(belief.prospect(p, replace(stand, clauses=_with(held, number, is_held))), 6)
            for is_held in (False, True)
        ]
        held[number] = worths[1] > worths[0]
    return _with(held, 0, held[0])


def _with(held: Sequence[bool], number: int, is_held: bool) -> worth.Clauses:
    data, leave, fairness, oversight = (is_held if n == number else old for n, old in enumerate(held))
    return data, leave, fairness, oversight


@lru_cache(maxsize=2_000)
def _need(p: Parameters, stand: Stand) -> str:
    worths = {"fix_form": belief.form_worth(p, stand.desk, 0)[1]}
    for use in AI_USES:
        tender = replace(stand, use=use)
        worths[use] = belief.prospect(p, replace(tender, clauses=_clauses(p, tender)))
    return max(worths, key=lambda use: round(worths[use], 6))


@lru_cache(maxsize=2_000)
def _shortlist(p: Parameters, stand: Stand) -> tuple[float, int]:
    """The smallest shortlist that promises most, and the weight that gives it."""
    plans: dict[tuple[int, ...], tuple[float, int]] = {}
    for size, weight in product(range(1, len(VENDORS) + 1), WEIGHTS):
        listed = tuple(sorted(ranking(stand.desk, weight)[:size]))
        plans.setdefault(listed, (weight, size))
    return plans[
        max(plans, key=lambda listed: (round(belief.prospect(p, replace(stand, shortlist=listed)), 6), -len(listed)))
    ]


def _award(p: Parameters, stand: Stand) -> Form:
    offers = [belief.offer(p, stand, vendor) for vendor in range(len(VENDORS))]
    first = max(offers, key=lambda one: (one.worth, -one.vendor))
    training, fallback = belief.form_worth(p, stand.desk, 1)
    if round(fallback, 6) >= first.worth:
        return {"award": "none", "training_budget": training}
    shares, terms = max(
        ((release, belief.offer(p, stand, first.vendor, release)) for release in RELEASES),
        key=lambda pair: pair[1].worth,
    )
    return {
        "award": _named(first.vendor),
        "acceptance": terms.acceptance,
        "training_budget": terms.training,
        "advance_share": shares[0],
        "acceptance_share": shares[1],
        "final_share": shares[2],
    }


def share_now(p: Parameters, desk: Desk, state: State) -> tuple[float, float]:
    """Expected share right of the contract's system by language, given pilot, test and operating report."""
    priors = belief.posterior(p, Stand.of(desk, state), state.vendor)
    unpaid = 1 - state.terms.advance if state.terms else 0.0
    strength = p.fix_capability * min(1.0, unpaid / p.fix_leverage)
    english, local = (
        _share_now(p, prior, state, language, strength * state.failed[language])
        for language, prior in enumerate(priors)
    )
    return english, local


def _share_now(p: Parameters, prior: Prior, state: State, language: int, strength: float) -> float:
    """Posterior mean after the test, mended, then pooled with the report as if the mended share were Beta too."""
    weight = sum(prior) + p.acceptance_cases
    mean = posterior_mean(prior, state.test_right[language], p.acceptance_cases)
    mean += strength * (1 - mean)
    if not state.report_right:
        return mean
    return (weight * mean + state.report_right[language]) / (weight + p.report_cases)


def continuing(p: Parameters, desk: Desk, state: State) -> float:
    """Expected PKR m from now on if the contract goes on to its end."""
    if state.terms is None:
        return 0.0
    right = np.array(share_now(p, desk, state))
    local, ready = mean_of(p.local_prior), mean_of(p.readiness_prior)
    use, final = worth.take_up(p, ready, state.terms.training), state.terms.final
    later = np.maximum(0.0, right - worth.upkeep(p, final))
    rest = float(worth.gross_benefit(p, state.use, worth.mixture(later, local), state.clauses))
    total = (1 - p.first_period) * use * rest - final * state.price
    bid, bought = desk.bids[state.vendor], state.shock is not None and state.shock.bought == state.vendor
    total -= float(p.exit_chance[int(bought)]) * worth.exit_bill(p, bid, state.clauses)
    if state.round > FIRST_RELEASE:
        return total
    return total + first_period(p, desk, state) - state.terms.on_acceptance * state.price


def first_period(p: Parameters, desk: Desk, state: State) -> float:
    """Expected benefit of the time before the last release, less harm from data abroad; PKR m."""
    right, bid = np.array(share_now(p, desk, state)), desk.bids[state.vendor]
    training = state.terms.training if state.terms else 0.0
    use = worth.take_up(p, mean_of(p.readiness_prior), training)
    gross = worth.gross_benefit(p, state.use, worth.mixture(right, mean_of(p.local_prior)), state.clauses)
    bought = state.shock is not None and state.shock.bought == state.vendor
    harm = p.strict_chance * worth.data_bill(p, bid, state.clauses, bought=bought)
    return p.first_period * (1 - p.fix_delay * any(state.failed)) * use * float(gross) - harm


def stopping(p: Parameters, desk: Desk, state: State) -> float:
    """Expected PKR m from now on if the office leaves the vendor and mends the form."""
    late = 2 if state.round == FIRST_RELEASE else 3
    share, ready = mean_of(form_posterior(p, desk.form_faults)), mean_of(p.readiness_prior)
    training = state.terms.training if state.terms else 0.0
    benefit = worth.form_benefit(p, share, ready, training, late)
    return benefit - p.form_cost - worth.exit_bill(p, desk.bids[state.vendor], state.clauses)


Rule = Callable[[Parameters, Desk, State], Mapping[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
