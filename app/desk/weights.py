"""What a trainee wants the office to be judged by: the form of the weights, before the first round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.typed import typed_text
from app.core.wording import gettext as _
from simulations import Scenario

MOST = 5
MIDDLE = 3
REASON_LENGTH = 1_000
PREFIX = "weight-"
REASON = "reason"


@dataclass(frozen=True)
class WeightsForm:
    """Weights as typed and as read; problems: sentences by the id of the field."""

    typed: Mapping[str, str]
    weights: Mapping[str, int]
    reason: str
    problems: Mapping[str, str]


def proposed(scenario: Scenario) -> WeightsForm:
    """All indicators alike, as the form first shows them."""
    return WeightsForm({kpi.id: str(MIDDLE) for kpi in scenario.kpis}, {}, "", {})


def read(scenario: Scenario, form: Mapping[str, str]) -> WeightsForm:
    """What was chosen. A weight that is missing or none of 0 to 5, and all weights 0, are problems."""
    typed = {kpi.id: form.get(f"{PREFIX}{kpi.id}", "") for kpi in scenario.kpis}
    weights = {kpi: int(value) for kpi, value in typed.items() if value in {str(n) for n in range(MOST + 1)}}
    reason = typed_text(form.get(REASON))
    problems = {
        f"{PREFIX}{kpi}": _("Choose a number from 0 to %(most)s.", most=MOST) for kpi in typed if kpi not in weights
    }
    if not problems and not any(weights.values()):
        problems[f"{PREFIX}{next(iter(typed))}"] = _("Give at least one indicator more than 0.")
    if len(reason) > REASON_LENGTH:
        excess = len(reason) - REASON_LENGTH
        problems[REASON] = _("Your reasons are %(count)s characters too long. Shorten them.", count=excess)
    return WeightsForm(typed, weights, reason, problems)
