"""A finished run judged by the weights that the trainee chose before its first round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.charts import format_number
from app.core.table import Table
from app.sims.presentation import policy_courses
from app.sims.scoring import Outcome
from simulations import Scenario, Texts
from simulations.pareto import pareto_optimal, weighted_index


@dataclass(frozen=True)
class Judgement:
    """The run beside the reference policies, by the trainee's own weights."""

    table: Table
    verdict: str


def judge(scenario: Scenario, texts: Texts, outcome: Outcome, weights: Mapping[str, int]) -> Judgement | None:
    """Index by the weights, and whether the run is beaten in all that was given weight; None without any weight."""
    points = {name: course[-1] for name, course in policy_courses(texts, outcome).items()}
    own = next(iter(points))
    chosen = [kpi for kpi in scenario.kpis if weights.get(kpi.id) and kpi.id in points[own]]
    if not chosen:
        return None
    better = {kpi.id: kpi.better for kpi in chosen}
    index = weighted_index(points, better, weights)
    rows = [
        (
            _(
                "%(label)s (%(unit)s, weight %(weight)s)",
                label=texts.kpi(kpi.id).label,
                unit=texts.unit(kpi.unit),
                weight=weights[kpi.id],
            ),
            *(format_number(point[kpi.id], kpi.decimals) for point in points.values()),
        )
        for kpi in chosen
    ]
    rows.append((_("By your weights, from 0 to 100"), *(format_number(index[name], 0) for name in points)))
    return Judgement(
        Table((_("Indicator"), *points), tuple(rows)),
        _pareto_sentence(own in pareto_optimal(points, better)),
    )


def _pareto_sentence(is_optimal: bool) -> str:
    if is_optimal:
        return str(
            _(
                "Each of these policies is either no better than your run or worse in at least one indicator that you "
                "gave weight to."
            )
        )
    return str(
        _(
            "Another of these policies is at least as good as your run in every indicator that you gave weight to, "
            "and better in one: whatever the weights, it would be preferred."
        )
    )
