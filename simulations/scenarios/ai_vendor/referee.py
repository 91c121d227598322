"""Neighbours of a decision, and possible worlds: hidden truth drawn anew given all that lies on the desk."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.ai_vendor import worth
from simulations.scenarios.ai_vendor.belief import Stand, posterior
from simulations.scenarios.ai_vendor.office import (
    BIDS,
    CONTRACT,
    MOST_PILOT_CASES,
    NEED,
    PILOT,
    TENDER,
    Scheme,
    State,
)
from simulations.scenarios.ai_vendor.world import (
    AI_USES,
    CLAUSES,
    LANGUAGES,
    VENDORS,
    Parameters,
    Truth,
    chance_excluded,
    chance_uncertified,
    form_posterior,
)
from simulations.types import Value

PARTICLES = 400
Form = Mapping[str, Value]


def candidates(centre: Form, stage: int) -> tuple[Form, ...]:
    """The decision and what else this stage could have decided next to it."""
    if stage == NEED:
        changes: list[dict[str, Value]] = [{"use_case": use} for use in (*AI_USES, "fix_form")]
    elif stage == TENDER:
        changes = [{name: "no" if centre[name] == "yes" else "yes"} for name in CLAUSES]
        changes += [dict.fromkeys(CLAUSES, word) for word in ("yes", "no")]
    elif stage == BIDS:
        changes = [{"shortlist": size, "quality_weight": weight} for size in (1, 2, 3, 4) for weight in (0.5, 0.8)]
    elif stage == PILOT:
        changes = _pilots(centre)
    elif stage == CONTRACT:
        changes = _contracts(centre)
    else:
        changes = [{"go_on": act} for act in ("continue", "stop")]
    return (centre, *({**centre, **change} for change in changes))


def _pilots(centre: Form) -> list[dict[str, Value]]:
    cases, local = int(centre["pilot_cases"]), float(centre["pilot_local"])
    sizes = (0, cases - 40, cases - 20, cases + 20, cases + 40)
    changes: list[dict[str, Value]] = [{"pilot_cases": min(MOST_PILOT_CASES, max(0, size))} for size in sizes]
    return changes + [{"pilot_local": round(min(1.0, max(0.0, local + step)), 1)} for step in (-0.2, 0.2)]


def _contracts(centre: Form) -> list[dict[str, Value]]:
    changes: list[dict[str, Value]] = [{"award": award} for award in ("none", *VENDORS)]
    for step in (-0.05, 0.05):
        changes.append({"acceptance": round(min(0.95, max(0.6, float(centre["acceptance"]) + step)), 2)})
    for more in (-3, 3):
        changes.append({"training_budget": min(15, max(0, int(centre["training_budget"]) + more))})
    return changes


def _resampled_share(p: Parameters, scheme: Scheme, state: State, language: int, die: np.random.Generator) -> float:
    """Share right of the contract's vendor: Beta given claim, pilot and test; weighted by the report after mending."""
    a, b = posterior(p, Stand.of(scheme.desk, state), state.vendor)[language]
    passed = state.test_right[language]
    drawn = die.beta(a + passed, b + p.acceptance_cases - passed, PARTICLES)
    if not state.report_right or state.terms is None:
        return float(drawn[0])
    failed = np.full(PARTICLES, float(state.failed[language]))
    after = np.clip(worth.mended(p, drawn, failed, 1 - state.terms.advance), 1e-9, 1 - 1e-9)
    right = state.report_right[language]
    weight = right * np.log(after) + (p.report_cases - right) * np.log1p(-after)
    return float(die.choice(drawn, p=_normalised(weight)))


def _normalised(logs: Floats) -> Floats:
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def resampled_truth(scheme: Scheme, state: State, seed: int) -> Truth:
    """One draw of everything hidden from its posterior. Documents and prices already seen stay as they are."""
    p, desk, stand = scheme.p, scheme.desk, Stand.of(scheme.desk, state)
    die = stream(seed, "truth")
    right = []
    for vendor in range(len(VENDORS)):
        if vendor == state.vendor:
            shares = tuple(_resampled_share(p, scheme, state, number, die) for number in range(len(LANGUAGES)))
        else:
            shares = tuple(float(die.beta(a, b)) for a, b in posterior(p, stand, vendor))
        right.append(shares)
    dice = stream(seed, "papers").random((len(VENDORS), 2))
    excludes = [bool(dice[v, 0] < chance_excluded(p, bid)) for v, bid in enumerate(desk.bids)]
    certified = [bool(dice[v, 1] >= chance_uncertified(p, bid)) for v, bid in enumerate(desk.bids)]
    if state.vendor >= 0:
        excludes[state.vendor] = scheme.truth.excludes[state.vendor]
        certified[state.vendor] = scheme.truth.certified[state.vendor]
    return Truth(
        right=tuple(right),
        excludes=tuple(excludes),
        certified=tuple(certified),
        form_share=float(die.beta(*form_posterior(p, desk.form_faults))),
        local_share=float(die.beta(*p.local_prior)),
        readiness=float(die.beta(*p.readiness_prior)),
        is_strict=bool(die.random() < p.strict_chance),
    )


def possible(scheme: Scheme, state: State, replicates: int, seed: int) -> tuple[Scheme, ...]:
    """Schemes that look to the office like this one."""
    bases = stream(seed, "possible", state.round).integers(2**31, size=replicates)
    return tuple(replace(scheme, seed=int(base), truth=resampled_truth(scheme, state, int(base))) for base in bases)
