"""Districts that look the same to the office: hidden truth drawn from its posterior, for luck-free comparison.

Three unknowns are common to many households: how much poorer slum and nomad households are than their marks
suggest, and what share of the river tehsils the flood took. They are resampled from prior draws by importance,
given every check so far. The welfare of each household is then drawn by Bayes' rule itself: a normal cut into
the poor, those whom a flood makes poor, and the others, each part weighted by what the checks said of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, stream
from simulations.scenarios.targeting.chances import cumulative, quantile
from simulations.scenarios.targeting.office import Period, State, plan
from simulations.scenarios.targeting.policies import best, read_desk
from simulations.scenarios.targeting.world import (
    GROUPS,
    SETTLED,
    Households,
    Parameters,
    Truth,
    draw_dice,
    draw_group_shift,
    expected_welfare,
)
from simulations.types import Value

_STEPS: tuple[tuple[str, float, float, float], ...] = (("transfer", 500, 500, 6000), ("desk_budget", 1.0, 0.0, 6.0))


def candidates(centre: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and its eight neighbours: the amounts up and down, and each choice that an inquiry may turn."""
    found = [dict(centre)]
    for key, step, least, most in _STEPS:
        for sign in (-1, 1):
            value = min(most, max(least, float(centre[key]) + sign * step))
            found.append({**centre, key: int(value) if key == "transfer" else value})
    meetings = float(centre["meetings"])
    found.append({**centre, "meetings": round(meetings - 0.1 if meetings >= 0.1 else meetings + 0.1, 2)})
    found.append({**centre, "priority_nomad": _other(centre["priority_nomad"], "on", "off")})
    found.append({**centre, "ai_mode": _other(centre["ai_mode"], "advise", "auto")})
    if meetings > 0:
        found.append({**centre, "meeting_place": _other(centre["meeting_place"], "near_line", "camps_slums")})
    else:
        found.append({**centre, "flood_relief": _other(centre["flood_relief"], "damage_survey", "tehsils")})
    return tuple(found)


def _other(value: Value, usual: str, instead: str) -> str:
    return instead if value == usual else usual


@dataclass(frozen=True)
class World:
    """One possible district with its own dice."""

    seed: int
    truth: Truth


def losses_to_go(
    p: Parameters,
    rounds: int,
    homes: Households,
    state: State,
    worlds: Sequence[World],
    decisions: Sequence[Mapping[str, Value]],
) -> Floats:
    """Loss from now on of each decision followed by the best policy, (decision, world).

    As ``rollouts.losses_to_go``; the dice of a world are drawn once for all decisions, and nothing is reported.
    """
    losses = np.zeros((len(decisions), len(worlds)))
    for column, world in enumerate(worlds):
        dice = {number: draw_dice(p, world.seed, number) for number in range(state.round, rounds + 1)}
        for row, form in enumerate(decisions):
            reached, chosen = state, form
            for number in range(state.round, rounds + 1):
                if number > state.round:
                    is_flooded = number >= world.truth.flood_round
                    chosen = best(p, read_desk(p, homes, reached, rounds=rounds, is_flooded=is_flooded))
                reached, _ = Period(p, homes, world.truth, reached, dice[number], plan(chosen)).play()
            losses[row, column] = (reached.loss - state.loss).sum()
    return losses


@dataclass(frozen=True)
class Parts:
    """By household: chance of being poor anyway and of being made poor by a flood, and of being hit."""

    poor: Floats
    brink: Floats
    hit: Floats


def parts(p: Parameters, homes: Households, state: State, group_shift: Floats, hit_share: float) -> Parts:
    """Chances before any check is heard, for one draw of what is common."""
    away = (homes.line - expected_welfare(p, homes, group_shift)) / p.noise
    poor = cumulative(away)
    brink = cumulative(away + p.flood_units / p.noise) - poor
    return Parts(poor, brink, _hit_chance(p, homes, state, hit_share))


def _hit_chance(p: Parameters, homes: Households, state: State, hit_share: float) -> Floats:
    """Chance that the flood takes a household, given the damage register if there is one."""
    if not state.surveyed:
        return np.where(homes.river, hit_share, 0.0)
    entered = hit_share + (1 - hit_share) * p.false_claim_share
    return np.where(state.damage, hit_share / entered, 0.0)


def weights(state: State, part: Parts) -> tuple[Floats, Floats, Floats]:
    """Unnormed posterior weights: poor anyway, on the brink and hit, on the brink and spared."""
    poor = part.poor * np.exp(state.dry_evidence + state.flood_evidence)
    hit = part.brink * part.hit * np.exp(state.flood_evidence)
    return poor, hit, part.brink * (1 - part.hit)


def likelihood(p: Parameters, homes: Households, state: State, group_shift: Floats, hit_share: float) -> float:
    """Log-likelihood of all checks so far, up to a constant, for one draw of what is common."""
    part = parts(p, homes, state, group_shift, hit_share)
    total = np.log(sum(weights(state, part)) + 1 - part.poor - part.brink)
    found = float(total[(homes.group != SETTLED) | homes.river].sum())
    if state.surveyed:
        entered = hit_share + (1 - hit_share) * p.false_claim_share
        count, whole = np.count_nonzero(state.damage), np.count_nonzero(homes.river)
        found += count * np.log(entered) + (whole - count) * np.log1p(-entered)
    return found


def common_draws(p: Parameters, homes: Households, state: State, size: int, seed: int) -> tuple[Floats, Floats]:
    """``size`` draws of group shifts (draw, group) and hit share from their posterior (importance resampling)."""
    draws = stream(seed, "possible:common", state.round)
    shifts = draw_group_shift(p, draws.standard_normal((p.latent_draws, len(GROUPS))))
    low, high = p.flood_hit_range
    shares = low + (high - low) * draws.random(p.latent_draws)
    fits = np.array([likelihood(p, homes, state, *row) for row in zip(shifts, shares, strict=True)])
    bounds = np.cumsum(np.exp(fits - fits.max()))
    spread = (np.arange(size) + draws.random()) / size  # systematic: the draws stay in proportion
    rows = draws.permutation(np.searchsorted(bounds / bounds[-1], spread).clip(0, p.latent_draws - 1))
    return shifts[rows], shares[rows]


def _flood_round(p: Parameters, state: State, known: int, die: float) -> int:
    """The flood's round: known once it has come, else one of those still possible."""
    if state.round >= known:
        return known
    left = p.flood_rounds[p.flood_rounds > (0 if state.round < p.flood_rounds.min() else state.round)]
    return int(left[int(die * len(left))])


def possible_truth(
    p: Parameters, homes: Households, state: State, known: Truth, common: tuple[Floats, float], seed: int
) -> Truth:
    """One truth from its posterior; of ``known`` it uses only whether the flood has come."""
    group_shift, hit_share = common
    part = parts(p, homes, state, group_shift, hit_share)
    poor, struck, spared = weights(state, part)
    die, hit_die, claim_die, depth = stream(seed, "possible:households").random((4, len(homes)))
    total = poor + struck + spared + 1 - part.poor - part.brink
    place = die * total
    is_poor, is_struck, is_spared = place < poor, place < poor + struck, place < poor + struck + spared
    low = np.where(is_poor, 0.0, np.where(is_spared, part.poor, part.poor + part.brink))
    high = np.where(is_poor, part.poor, np.where(is_spared, part.poor + part.brink, 1.0))
    rest = quantile(low + depth * (high - low))
    on_brink = ~is_poor & is_spared
    hit = np.where(on_brink, is_struck, hit_die < part.hit)
    return Truth(
        welfare=expected_welfare(p, homes, group_shift) + p.noise * rest,
        hit=hit,
        false_claim=_false_claims(p, state, hit, claim_die),
        flood_round=_flood_round(p, state, known.flood_round, float(stream(seed, "possible:flood").random())),
        group_shift=group_shift,
        hit_share=hit_share,
    )


def _false_claims(p: Parameters, state: State, hit: Bools, die: Floats) -> Bools:
    """Once the register stands, whoever is in it unharmed has claimed falsely."""
    drawn = die < p.false_claim_share
    return np.where(hit, drawn, state.damage) if state.surveyed else drawn
