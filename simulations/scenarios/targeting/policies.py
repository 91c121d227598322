"""Four reference policies. They see what the office knows (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.scenarios.targeting.office import PKR_M, State
from simulations.scenarios.targeting.tool import claimed_chance
from simulations.scenarios.targeting.world import Households, Parameters
from simulations.types import Value

USUAL_TRANSFER = 3000
LEAST_TRANSFER, MOST_TRANSFER, TRANSFER_STEP = 500, 6000, 250


@dataclass(frozen=True)
class Desk:
    """What the office knows at the start of a period and a policy may use."""

    round: int
    rounds: int
    is_flooded: bool
    funds_pkr_m: float
    homes: Households


def read_desk(p: Parameters, homes: Households, state: State, *, rounds: int, is_flooded: bool) -> Desk:
    """The desk of a position."""
    return Desk(state.round, rounds, is_flooded, p.budget_pkr_m + state.savings_pkr_m, homes)


def _form(**rest: Value) -> dict[str, Value]:
    return {
        "ai_mode": "ignore",
        "transfer": USUAL_TRANSFER,
        "reserve": 0.0,
        "priority_female": "off",
        "priority_disability": "off",
        "priority_nomad": "off",
        "meetings": 0.0,
        "meeting_place": "lot",
        "desk_budget": 0.0,
        "desk": "office",
        "flood_relief": "none",
        **rest,
    }


def transfer_for(p: Parameters, funds_pkr_m: float, households: int) -> int:
    """The transfer, PKR a month, at which the funds pay for so many simulated households; on the form's steps."""
    each = funds_pkr_m * PKR_M / (p.household_weight * p.months * max(households, 1)) - p.fee_pkr
    steps = round(each / TRANSFER_STEP, 6) // 1
    return int(np.clip(steps * TRANSFER_STEP, LEAST_TRANSFER, MOST_TRANSFER))


def baseline(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """As always: the old form, the usual transfer, no checks and no desk for appeals."""
    return _form()


def greedy(p: Parameters, desk: Desk) -> dict[str, Value]:
    """Least misclassification by the tool's own figures: only those likelier poor than not, and more for each."""
    likely = int(np.count_nonzero(np.round(claimed_chance(p, desk.homes), 9) > 0.5))
    return _form(ai_mode="auto", transfer=transfer_for(p, desk.funds_pkr_m, likely))


def ai_only(p: Parameters, desk: Desk) -> dict[str, Value]:
    """Whatever the tool says: as many households as it counts poor, by its list."""
    expected = int(round(float(claimed_chance(p, desk.homes).sum()), 6))
    return _form(ai_mode="auto", transfer=transfer_for(p, desk.funds_pkr_m, expected))


def best(p: Parameters, desk: Desk) -> dict[str, Value]:
    """Two stages, before and after the flood, each tuned on a grid over sampled districts.

    Sample average approximation with common random numbers (Kleywegt, Shapiro & Homem-de-Mello 2002,
    SIAM J. Optim. 12): the stage's figures are the ``best_*`` parameters, found ahead.
    """
    may_flood = not desk.is_flooded and desk.round < float(p.flood_rounds.max())
    return _form(
        ai_mode="advise",
        transfer=p.best_flood_transfer if desk.is_flooded else p.best_transfer,
        reserve=p.best_reserve if may_flood else 0.0,
        priority_nomad="on",
        meetings=p.best_flood_meetings if desk.is_flooded else p.best_meetings,
        meeting_place="near_line",
        desk_budget=p.best_flood_desk_pkr_m if desk.is_flooded else p.best_desk_pkr_m,
        desk="mobile",
        flood_relief="damage_survey" if desk.is_flooded else "none",
    )


Rule = Callable[[Parameters, Desk], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}
