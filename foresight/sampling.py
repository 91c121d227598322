"""Uncertain inputs, drawn: each as an array whose first axis counts the draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from foresight.scenarios import Range, Scenario
from foresight.world import Array, World

DRAWS = 500
LOW, HIGH = 0.10, 0.90
# Two imagined people who reached the level and two who did not.
PRIOR = 2.0


@dataclass(frozen=True)
class Sample:
    """Draws of every uncertain input.

    ceiling, speed, growth, resignation, half_life_years, unassessed (n); posts, transfers, intake (n): factors about 1;
    retirement (n, d, y): share of staff; success (n, m, l), newcomers (n, l): share that reaches or brings a level;
    held (n, d, c, l): share of staff that holds it; use_ceiling, use_speed, middle_year (n, u): of each planned use of
    AI, not a number where those of the scenario hold.
    """

    ceiling: Array
    speed: Array
    growth: Array
    resignation: Array
    half_life_years: Array
    unassessed: Array
    posts: Array
    transfers: Array
    intake: Array
    retirement: Array
    success: Array
    newcomers: Array
    held: Array
    use_ceiling: Array
    use_speed: Array
    middle_year: Array


def draw(world: World, scenario: Scenario, seed: int, count: int = DRAWS) -> Sample:
    """Independent draws; the same for the same seed."""
    rng = np.random.default_rng(seed)

    def triangular(likely: Range) -> Array:
        if likely.low == likely.high:
            return np.full(count, likely.likely)
        return rng.triangular(likely.low, likely.likely, likely.high, count)

    def factor(sheet: str) -> Array:
        spread = world.spreads.get(sheet, 0.0)
        return triangular(Range(1 - spread, 1.0, 1 + spread))

    reached = _beta(rng, PRIOR + world.reached, PRIOR + world.trained - world.reached, count)
    came = _beta(rng, PRIOR + world.newcomers_reached, PRIOR + world.newcomers_trained - world.newcomers_reached, count)
    behind = world.behind[..., None]
    held = _beta(rng, world.shares * behind, (1 - world.shares) * behind, count)
    retired = _beta(rng, world.retirements, np.maximum(world.staff - world.retirements, 0.0), count)
    return Sample(
        ceiling=triangular(scenario.ceiling),
        speed=triangular(scenario.speed),
        growth=triangular(scenario.growth),
        resignation=triangular(scenario.resignation),
        half_life_years=triangular(scenario.half_life_years),
        unassessed=triangular(scenario.unassessed),
        posts=factor("posts"),
        transfers=factor("transfers"),
        intake=factor("intake"),
        retirement=retired,
        success=reached,
        # Of people of whom nobody knows what they bring, nothing is counted on.
        newcomers=came * (world.newcomers_trained > 0),
        # Whoever holds a level holds those below it.
        held=np.minimum.accumulate(held, axis=-1),
        use_ceiling=_of_uses(world, "ceiling", count, triangular),
        use_speed=_of_uses(world, "speed", count, triangular),
        middle_year=_of_uses(world, "middle_year", count, triangular),
    )


def _of_uses(world: World, name: str, count: int, triangular: Callable[[Range], Array]) -> Array:
    """Draws (n, u); where the same is said of several uses of a department, they are the same draws."""
    drawn: dict[tuple[int, Range], Array] = {}
    columns = np.full((count, len(world.uses)), np.nan)
    for place, use in enumerate(world.uses):
        likely: Range | None = getattr(use, name)
        if likely is not None:
            key = use.department, likely
            drawn[key] = columns[:, place] = drawn[key] if key in drawn else triangular(likely)
    return columns


def _beta(rng: np.random.Generator, successes: Array, failures: Array, count: int) -> Array:
    """Beta draws (n, ...); 0 where there is no success, 1 where there is no failure but a success."""
    is_open = (successes > 0) & (failures > 0)
    drawn = rng.beta(np.where(is_open, successes, 1.0), np.where(is_open, failures, 1.0), (count, *successes.shape))
    result: Array = np.where(is_open, drawn, np.where(successes > 0, 1.0, 0.0))
    return result


def median(sample: Sample) -> Sample:
    """Every input at its median: a sample of one draw."""
    return at_quantile(sample, 0.5)


def at_quantile(sample: Sample, share: float) -> Sample:
    return Sample(**{name: np.quantile(getattr(sample, name), [share], axis=0) for name in names()})


def with_one_at(sample: Sample, name: str, share: float) -> Sample:
    """Every input at its median but one, which is at this quantile."""
    return replace(median(sample), **{name: np.quantile(getattr(sample, name), [share], axis=0)})


def names() -> tuple[str, ...]:
    """Names of the uncertain inputs."""
    return tuple(field.name for field in fields(Sample))
