"""Which reference policies no other beats on every indicator at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from simulations.evaluation import seed_results
from simulations.registry import Scenario
from simulations.scoring import POLICIES
from simulations.types import ScenarioError

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class ParetoView:
    """Mean of each indicator by policy, the direction that is better, and the policies nobody dominates."""

    better: Mapping[str, Better]
    means: Mapping[str, Mapping[str, float]]
    optimal: tuple[str, ...]


def dominates(one: Mapping[str, float], other: Mapping[str, float], better: Mapping[str, Better]) -> bool:
    """``one`` is nowhere worse than ``other`` and somewhere better, on the indicators of ``better``."""
    gains = [
        one[kpi] - other[kpi] if direction == "higher" else other[kpi] - one[kpi] for kpi, direction in better.items()
    ]
    return all(gain >= 0 for gain in gains) and any(gain > 0 for gain in gains)


def pareto_optimal(points: Mapping[str, Mapping[str, float]], better: Mapping[str, Better]) -> tuple[str, ...]:
    """Names of the points no other point dominates, in their order. Equal points do not dominate each other."""
    return tuple(
        name
        for name, point in points.items()
        if not any(dominates(other, point, better) for rival, other in points.items() if rival != name)
    )


def weighted_index(
    points: Mapping[str, Mapping[str, float]], better: Mapping[str, Better], weights: Mapping[str, float]
) -> dict[str, float]:
    """Each point's weighted mean, 0..100, of indicators scaled from the worst to the best of these points.

    weights: >= 0 by indicator; one that is missing counts 0. An indicator on which all points are equal says nothing
    and is left out. The index compares these points only: it changes when another joins (Keeney & Raiffa 1976, ch. 3).
    Raises ScenarioError when no indicator has a weight.
    """
    if not any(weights.get(kpi, 0) > 0 for kpi in better):
        raise ScenarioError("An index needs at least one indicator with a weight above 0.")
    sums, total = dict.fromkeys(points, 0.0), 0.0
    for kpi, direction in better.items():
        values = [point[kpi] for point in points.values()]
        low, high, weight = min(values), max(values), weights.get(kpi, 0)
        if high == low or weight <= 0:
            continue
        total += weight
        for name, point in points.items():
            share = (point[kpi] - low) / (high - low)
            sums[name] += weight * (share if direction == "higher" else 1 - share)
    return {name: 100.0 if total == 0 else 100 * value / total for name, value in sums.items()}


def pareto_view(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    kpi_ids: Sequence[str] | None = None,
    workers: int | None = None,
    cache: Path | None = None,
) -> ParetoView:
    """Means after the last round over seeds, and who is Pareto-optimal on ``kpi_ids`` (all when None).

    Raises ScenarioError for an indicator the scenario does not have, or without seeds.
    """
    known: dict[str, Better] = {kpi.id: kpi.better for kpi in (*scenario.kpis, *scenario.truth_kpis)}
    chosen = list(known) if kpi_ids is None else list(kpi_ids)
    for kpi_id in chosen:
        if kpi_id not in known:
            raise ScenarioError(f"{scenario.id} has no indicator “{kpi_id}”; known are {', '.join(known)}.")
    if not seeds:
        raise ScenarioError("A mean needs at least one seed.")
    found = seed_results(scenario, POLICIES, seeds, workers=workers, cache=cache)
    means = {
        policy: {kpi_id: float(np.mean([row.kpis[kpi_id] for row in rows])) for kpi_id in chosen}
        for policy, rows in found.items()
    }
    better = {kpi_id: known[kpi_id] for kpi_id in chosen}
    return ParetoView(better, means, pareto_optimal(means, better))
