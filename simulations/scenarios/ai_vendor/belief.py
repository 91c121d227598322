"""What the office may expect: posteriors of the vendors, worth of a contract, worth of a pilot before it is run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.ai_vendor import worth
from simulations.scenarios.ai_vendor.evidence import Prior, expected_maximum, pilot_outcomes
from simulations.scenarios.ai_vendor.office import Counts, State, pilot_sizes
from simulations.scenarios.ai_vendor.world import (
    FAIRNESS,
    LANGUAGES,
    OVERSIGHT,
    VENDORS,
    Desk,
    Parameters,
    Shock,
    beta_prior,
    expected_extras,
    form_posterior,
    mean_of,
)

DRAWS = 96
THRESHOLDS = np.array([0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95])
MOST_TRAINING = 15
SHIFT = 0.05
Shares = tuple[float, float, float]
USUAL_SHARES: Shares = (0.4, 0.4, 0.2)


@dataclass(frozen=True)
class Stand:
    """What a policy looks at: the desk and the open part of the state. Hashable, so that results can be kept."""

    desk: Desk
    use: str
    clauses: worth.Clauses
    shortlist: tuple[int, ...]
    pilot_n: Counts
    pilot_right: Counts
    shock: Shock | None

    @classmethod
    def of(cls, desk: Desk, state: State) -> "Stand":
        """The stand of a position."""
        return cls(desk, state.use, state.clauses, state.shortlist, state.pilot_n, state.pilot_right, state.shock)


@dataclass(frozen=True)
class Offer:
    """A vendor's contract with the terms that promise most, and what it is then worth, PKR m."""

    vendor: int
    acceptance: float
    training: int
    worth: float


def posterior(p: Parameters, stand: Stand, vendor: int) -> tuple[Prior, Prior]:
    """(a, b) of a vendor's shares right by language, given claim and pilot."""
    english, local = (
        (a + x, b + n - x)
        for (a, b), n, x in zip(
            beta_prior(p, stand.desk.bids[vendor]), stand.pilot_n[vendor], stand.pilot_right[vendor], strict=True
        )
    )
    return english, local


@lru_cache(maxsize=4)
def _scores(number: int) -> tuple[Floats, Floats]:
    """Standard normal scores (draw, language) for shares and for test results: mirrored, scaled to variance one."""
    half = stream(7, "belief").standard_normal((number // 2, 2 * len(LANGUAGES)))
    both = np.concatenate((half, -half))
    both = np.round(both / np.sqrt((both**2).mean(axis=0)), 9)
    return both[:, : len(LANGUAGES)], both[:, len(LANGUAGES) :]


def _possible_shares(priors: Sequence[Prior], shift: float) -> Floats:
    """Shares right (draw, language) with the means and variances of the posteriors."""
    means = np.array([mean_of(pair) for pair in priors])
    weights = np.array([a + b for a, b in priors])
    spread = np.sqrt(means * (1 - means) / (weights + 1))
    return np.asarray(np.clip(means + shift + spread * _scores(DRAWS)[0], 0.02, 0.995), dtype=np.float64)


@lru_cache(maxsize=20_000)
def gross_of_terms(
    p: Parameters, priors: tuple[Prior, Prior], use: str, clauses: worth.Clauses, shares: Shares, shift: float
) -> Floats:
    """Expected benefit at full take-up of a contract that is kept to the end, PKR m, by acceptance threshold.

    Tests and mending are included; shares are those of the price at the three releases; shift is added to the
    means of both languages.
    """
    right = _possible_shares(priors, shift)
    error = np.sqrt(right * (1 - right) / p.acceptance_cases) * _scores(DRAWS)[1]
    shown = np.round((right + error) * p.acceptance_cases) / p.acceptance_cases
    failed = worth.fails_test(p, shown, THRESHOLDS[:, None], clauses)
    after = worth.mended(p, right, failed, 1 - shares[0])
    late = np.maximum(0.0, after - worth.upkeep(p, shares[2]))
    local = mean_of(p.local_prior)
    first = worth.gross_benefit(p, use, worth.mixture(after, local), clauses)
    rest = worth.gross_benefit(p, use, worth.mixture(late, local), clauses)
    kept = 1 - p.fix_delay * failed.max(axis=-1)
    total = p.first_period * kept * first + (1 - p.first_period) * rest
    return np.asarray(total.mean(axis=-1), dtype=np.float64)


def _gross(p: Parameters, stand: Stand, vendor: int, shares: Shares, shift: float = 0.0) -> Floats:
    # Data and exit clauses do not touch the benefit; without them in the key, results are found again.
    clauses = (False, False, stand.clauses[FAIRNESS], stand.clauses[OVERSIGHT])
    return gross_of_terms(p, posterior(p, stand, vendor), stand.use, clauses, shares, shift)


def costs(p: Parameters, stand: Stand, vendor: int) -> tuple[float, float]:
    """Expected PKR m of a contract besides training: the price before its terms; extras, leaving, harm from data."""
    bid, shock = stand.desk.bids[vendor], stand.shock
    jump = shock.jump if shock else float(p.exchange_jump.mean())
    bought = _chance_bought(stand, vendor)
    leave = (1 - bought) * p.exit_chance[0] + bought * p.exit_chance[1]
    harm = bought * worth.data_bill(p, bid, stand.clauses, bought=True)
    harm += (1 - bought) * worth.data_bill(p, bid, stand.clauses, bought=False)
    expected_exit = float(leave) * worth.exit_bill(p, bid, stand.clauses)
    other = expected_extras(p, bid) + expected_exit + p.strict_chance * harm
    return worth.contract_price(p, bid, stand.clauses, jump), other


def _chance_bought(stand: Stand, vendor: int) -> float:
    if stand.shock is not None:
        return float(stand.shock.bought == vendor)
    return 1 / len(VENDORS)


def offer(p: Parameters, stand: Stand, vendor: int, shares: Shares = USUAL_SHARES) -> Offer:
    """The acceptance threshold and training that promise most with this vendor, by search and closed form."""
    gross, ready = _gross(p, stand, vendor, shares), mean_of(p.readiness_prior)
    training = worth.best_training(p, float(gross.max()), ready, MOST_TRAINING)
    price, other = costs(p, stand, vendor)
    factors = np.array([worth.terms_factor(p, worth.Terms(float(t), *shares, 0.0)) for t in THRESHOLDS])
    net = np.round(gross * worth.take_up(p, ready, training) - training - price * factors - other, 6)
    first = int(np.argmax(net))
    return Offer(vendor, float(THRESHOLDS[first]), training, float(net[first]))


def form_worth(p: Parameters, desk: Desk, late: int) -> tuple[int, float]:
    """Best training for the mended form, and what the form is then worth, PKR m."""
    share, ready = mean_of(form_posterior(p, desk.form_faults)), mean_of(p.readiness_prior)
    gross = p.form_value * share * float(p.form_late[late])
    training = worth.best_training(p, gross, ready, MOST_TRAINING)
    return training, worth.form_benefit(p, share, ready, training, late) - training - p.form_cost


def slope(p: Parameters, stand: Stand, vendor: int, terms: Offer) -> float:
    """PKR m that a share right one higher is worth on these terms, by central difference; mending flattens it."""
    use = worth.take_up(p, mean_of(p.readiness_prior), terms.training)
    place = int(np.flatnonzero(terms.acceptance == THRESHOLDS)[0])
    up, down = (_gross(p, stand, vendor, USUAL_SHARES, shift)[place] for shift in (SHIFT, -SHIFT))
    return use * float(up - down) / (2 * SHIFT)


@lru_cache(maxsize=20_000)
def pilot_worth(p: Parameters, stand: Stand, cases: int, local_share: float) -> float:
    """Expected worth of awarding after a pilot on the shortlist, less the pilot's cost (preposterior analysis)."""
    sizes = pilot_sizes(cases, local_share)
    local = mean_of(p.local_prior)
    fallback = form_worth(p, stand.desk, 1)[1]
    options = []
    for vendor in range(len(VENDORS)):
        n = sizes if vendor in stand.shortlist else (0, 0)
        priors, terms = posterior(p, stand, vendor), offer(p, stand, vendor)
        steepness = slope(p, stand, vendor, terms)
        weights = ((1 - local) * steepness, local * steepness)
        centre = sum(w * mean_of(pair) for w, pair in zip(weights, priors, strict=True))
        values, chances = pilot_outcomes(priors, weights, n)
        options.append((values - centre + terms.worth, chances))
    return expected_maximum(options, fallback) - p.pilot_price * cases * len(stand.shortlist)


PILOTS = tuple(product((0, 20, 40, 60, 80, 100, 140, 180), (0.5, 0.7)))
SKETCHED_PILOTS = ((0, 0.5), (60, 0.7))


@lru_cache(maxsize=2_000)
def best_pilot(p: Parameters, stand: Stand) -> tuple[int, float]:
    """Cases a vendor and share of local ones whose EVSI exceeds their cost by most."""
    return max(PILOTS, key=lambda plan: (round(pilot_worth(p, stand, *plan), 6), -plan[0]))


@lru_cache(maxsize=20_000)
def prospect(p: Parameters, stand: Stand) -> float:
    """Worth of a tender with this use, these clauses and this shortlist if a usual pilot follows."""
    return max(pilot_worth(p, stand, *plan) for plan in SKETCHED_PILOTS)


def everyone(stand: Stand) -> Stand:
    """The same stand with all vendors on the shortlist."""
    return replace(stand, shortlist=tuple(range(len(VENDORS))))
