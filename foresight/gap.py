"""Demand, supply and the gap between them, for all draws of a year at once (domain notes, sections 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from foresight.sampling import HIGH, LOW, Sample, names, with_one_at
from foresight.scenarios import Scenario
from foresight.world import LEGAL_DOMAIN, Array, World

# Below this share of assessed staff, estimates of some are not believed in full of the others.
ENOUGH_ASSESSED = 0.6
TOLD_INPUTS = 5


@dataclass(frozen=True)
class Gaps:
    """Quantiles over the draws (d, c, l, y); of each draw the weighted sum (n, y), also by department (n, d, y)."""

    low: Array
    median: Array
    high: Array
    demand: Array
    supply: Array
    weighted: Array
    by_department: Array


@dataclass(frozen=True)
class Swing:
    """What one input does to the weighted gap of the last year when it alone goes to its 10th and 90th percentile."""

    name: str
    low: float
    high: float


def adoption(year: float, *, ceiling: Array, speed: Array, middle_year: Array | float) -> Array:
    """Share of posts whose work has changed by then: logistic diffusion, half of the ceiling in the middle year."""
    share: Array = ceiling / (1 + np.exp(-speed * (year - middle_year)))
    return share


def changed_share(world: World, sample: Sample, year: int) -> Array:
    """The same for each department (n, d): by its furthest use of AI; 0 where none is planned."""
    count = len(sample.ceiling)
    shares = np.zeros((count, len(world.departments)))
    for place, use in enumerate(world.uses):
        ceiling = sample.ceiling if use.ceiling is None else sample.use_ceiling[:, place]
        speed = sample.speed if use.speed is None else sample.use_speed[:, place]
        reached = adoption(year, ceiling=ceiling, speed=speed, middle_year=sample.middle_year[:, place])
        shares[:, use.department] = np.maximum(shares[:, use.department], reached)
    return shares


def headcount(world: World, sample: Sample, place: int) -> Array:
    """Filled posts (n, d, role) in a year: as last given, then growing."""
    growth = (1 + sample.growth)[:, None, None] ** world.since[None, :, :, place]
    posts: Array = world.posts[None, :, :, place] * sample.posts[:, None, None] * growth
    return posts


def demand(world: World, scenario: Scenario, sample: Sample, place: int) -> Array:
    """People needed (n, d, c, l) in a year: posts that need it anyway, and the others as AI changes their work."""
    posts = headcount(world, sample, place)
    anyway = np.einsum("ndr,rcl,rc->ndcl", posts, world.needs, world.share_now)
    otherwise = np.einsum("ndr,rcl,rc->ndcl", posts, world.needs, 1 - world.share_now)
    changed = changed_share(world, sample, world.years[place])[:, :, None].repeat(len(world.competencies), axis=2)
    if scenario.law_first:
        changed[:, :, [code.startswith(LEGAL_DOMAIN) for code in world.competencies]] = 1.0
    needed: Array = anyway + otherwise * changed[..., None]
    return needed


def present_supply(world: World, sample: Sample) -> Array:
    """People who hold a level (n, d, c, l) in the first year.

    Of the assessed as many as their estimates say; of the others that share, believed in part while few are assessed.
    """
    staff = world.staff[:, 0][:, None]
    assessed = np.minimum(world.assessed, staff)
    is_enough = assessed >= ENOUGH_ASSESSED * staff
    belief = np.where(is_enough[None], 1.0, sample.unassessed[:, None, None])
    counted = assessed[None] + (staff - assessed)[None] * belief
    supply: Array = sample.held * counted[..., None]
    return supply


def next_supply(world: World, sample: Sample, held: Array, place: int, seats: Array | None = None) -> Array:
    """Holders (n, d, c, l) a year later. held: now; seats (d, c, l, m): given in the year between.

    Leavers take their skill along, transferred staff carry it to another department, what is not used fades; newcomers
    bring some and training adds some. Never more than there are people.
    """
    staff, transfers = world.staff[:, place][:, None], world.transfers[:, :, place]
    moving = np.divide(transfers, staff, out=np.zeros_like(transfers), where=staff > 0)
    moved_share = moving[None] * sample.transfers[:, None, None]
    lost = sample.retirement[:, :, place] + sample.resignation[:, None] + moved_share.sum(axis=2)
    stay = np.clip(1 - lost, 0.0, 1.0)[..., None, None] * held
    moved = np.einsum("nfcl,nft->ntcl", held, moved_share)
    kept = 2.0 ** (-1 / (sample.half_life_years[:, None] * world.fade_ratio[None]))
    later = (stay + moved) * kept[:, None, :, None]
    came = world.intake[None, :, place] * sample.intake[:, None]
    later += came[..., None, None] * sample.newcomers[:, None, None, :]
    if seats is not None:
        later += np.einsum("dclm,nml->ndcl", seats, sample.success)
    people = headcount(world, sample, place + 1).sum(axis=2)[..., None, None]
    result: Array = np.minimum(later, people)
    return result


def years(
    world: World, scenario: Scenario, sample: Sample, seats: Array | None = None
) -> Iterator[tuple[Array, Array]]:
    """Demand and supply (n, d, c, l) of each year. seats (d, c, l, m, y): given in each year but the last."""
    held = present_supply(world, sample)
    for place in range(len(world.years)):
        yield demand(world, scenario, sample, place), held
        if place + 1 < len(world.years):
            given = None if seats is None else seats[..., place]
            held = next_supply(world, sample, held, place, given)


def gaps(world: World, scenario: Scenario, sample: Sample, seats: Array | None = None) -> Gaps:
    """The gap in every year."""
    quantiles, needed, held, weighted, by_department = [], [], [], [], []
    for demanded, supply in years(world, scenario, sample, seats):
        gap = np.maximum(0.0, demanded - supply)
        quantiles.append(np.quantile(gap, [LOW, 0.5, HIGH], axis=0))
        needed.append(np.median(demanded, axis=0))
        held.append(np.median(supply, axis=0))
        weighted.append((gap * world.weights).sum(axis=(1, 2, 3)))
        by_department.append((gap * world.weights).sum(axis=(2, 3)))
    low, median, high = np.stack(quantiles, axis=-1)
    return Gaps(
        low=low,
        median=median,
        high=high,
        demand=np.stack(needed, axis=-1),
        supply=np.stack(held, axis=-1),
        weighted=np.stack(weighted, axis=-1),
        by_department=np.stack(by_department, axis=-1),
    )


def tornado(world: World, scenario: Scenario, sample: Sample) -> tuple[Swing, ...]:
    """The five inputs that move the weighted gap of the last year most, one at a time."""

    def outcome(changed: Sample) -> float:
        return float(gaps(world, scenario, changed).weighted[0, -1])

    swings = [
        Swing(name, outcome(with_one_at(sample, name, LOW)), outcome(with_one_at(sample, name, HIGH)))
        # Nobody is trained here, so how well training works moves nothing.
        for name in names()
        if name != "success"
    ]
    return tuple(sorted(swings, key=lambda each: -abs(each.high - each.low))[:TOLD_INPUTS])
