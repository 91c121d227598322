"""Luck-free comparison of decisions: hidden truth resampled given what the office knows, then rolled out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.tax_audit import policies, response
from simulations.scenarios.tax_audit.office import State, plan, play_quarter
from simulations.scenarios.tax_audit.tool import Records
from simulations.scenarios.tax_audit.world import (
    Firms,
    Parameters,
    Quarter,
    behaviour,
    draw_quarter,
    shifts,
    signal_strength,
    tendency,
)
from simulations.types import Value

_MOVES = (5, -5)
_LEAST_CHANCE = 1e-12
_NEVER = 10**6


def _moved(centre: Mapping[str, Value], taker: str, step: int) -> dict[str, Value]:
    """Audits moved between the risk list and another arm, as far as both can give."""
    other, risk = int(centre[taker]), int(centre["risk_audits"])
    step = max(-other, min(step, risk))
    return {**centre, taker: other + step, "risk_audits": risk - step}


def candidates(centre: Mapping[str, Value]) -> tuple[Mapping[str, Value], ...]:
    """A decision and its eight neighbours: random arm, campaign, field share and threshold, each up and down."""
    found = [dict(centre)]
    found += [_moved(centre, taker, step) for taker in ("random_audits", "campaign_audits") for step in _MOVES]
    for key, step_share, most in (("field_share", 0.1, 0.5), ("ai_threshold", 0.1, 0.9)):
        for sign in (-1, 1):
            share = round(float(centre[key]) + sign * step_share, 2)
            found.append({**centre, key: min(most, max(0.0, share))})
    return tuple(found)


@dataclass(frozen=True)
class Pool:
    """Possible hidden natures of a firm, drawn from the population."""

    evasion_share: Floats
    moral_cost: Floats

    @property
    def size(self) -> int:
        """Number of natures."""
        return len(self.evasion_share)


def draw_pool(p: Parameters, seed: int) -> Pool:
    """Natures spread evenly over the population by a Latin square, so that none is far from the next."""
    size = p.posterior_pool
    die = stream(seed, "pool")
    share, moral = ((die.permutation(size) + die.random(size)) / size for _ in range(2))
    low, high = p.evasion_share_range
    return Pool(low + (high - low) * share, -p.moral_cost_mean * np.log1p(-moral))


def behaviour_evidence(p: Parameters, known: "Known", pool: Pool) -> Floats:
    """Log-likelihood of the behaviour seen so far, by (firm, nature): normal with unit variance."""
    square, cross = np.zeros(len(known.firms)), np.zeros(len(known.firms))
    for quarter in range(1, known.state.round + 1):
        strength = signal_strength(p, known.firms, quarter, known.exposure(quarter))
        square += (strength**2).sum(axis=1)
        cross += (strength * known.unshifted(p, quarter)).sum(axis=1)
    inclined = tendency(p, pool.evasion_share, pool.moral_cost)
    return np.asarray(cross[:, None] * inclined - 0.5 * square[:, None] * inclined**2, dtype=np.float64)


def audit_evidence(p: Parameters, records: Records, pool: Pool) -> Floats:
    """Log-likelihood of each audit result, by (audit, nature)."""
    hit = chance_by_nature(p, records.perceived, pool) * records.quality[:, None]
    distance = (pool.evasion_share - records.found[:, None]) / p.share_precision
    found = np.log(np.maximum(hit, _LEAST_CHANCE)) - 0.5 * distance**2
    return np.where(records.found[:, None] > 0, found, np.log1p(-hit))


def chance_by_nature(p: Parameters, perceived: Floats, pool: Pool) -> Floats:
    """Probability of evading by (row, nature) at a perceived audit probability a row."""
    gain = response.net_gain(
        pool.evasion_share, perceived[:, None], p.perceived_quality, p.penalty_rate, pool.moral_cost
    )
    return response.evasion_probability(gain, p.response_noise)


@dataclass(frozen=True)
class Known:
    """A position as the referee takes it up; of ``firms`` it uses the hidden part only through what was seen.

    ``p`` is how it really is; the methods are told what a possible world believes.
    """

    p: Parameters
    seed: int
    firms: Firms
    state: State
    past: tuple[float, ...]  # exposure in each quarter played

    def exposure(self, quarter: int) -> float:
        """Exposure of the guessable behaviours when this quarter's returns came in."""
        return self.past[quarter - 1] if quarter <= len(self.past) else self.state.exposure

    def unshifted(self, believed: Parameters, quarter: int) -> Floats:
        """Behaviour seen in a quarter up to now, less what is believed to have nothing to do with evasion."""
        noise = draw_quarter(self.p, self.seed, quarter).noise
        seen = behaviour(self.p, self.firms, noise, quarter, self.exposure(quarter))
        return np.asarray(seen - shifts(believed, self.firms, quarter), dtype=np.float64)


def posterior(p: Parameters, known: Known, pool: Pool) -> Floats:
    """Cumulative probability of the natures by (firm, nature), given behaviour and audits (Bayes)."""
    weight = behaviour_evidence(p, known, pool)
    records = known.state.records
    np.add.at(weight, records.firm, audit_evidence(p, records, pool))
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    total = np.cumsum(weight, axis=1)
    return np.asarray(total / total[:, -1:], dtype=np.float64)


def resampled_firms(p: Parameters, known: Known, pool: Pool, bounds: Floats, base: int) -> Firms:
    """Firms that look the same to the office: natures from the posterior, liability given the register.

    Liability and register value are jointly lognormal; an audit that found evasion has shown the liability.
    """
    firms, records = known.firms, known.state.records
    die = stream(base, "nature").random(len(firms))
    nature = np.minimum((bounds < die[:, None]).sum(axis=1), pool.size - 1)
    weight = p.value_added_sigma**2 / (p.value_added_sigma**2 + p.register_error**2)
    centre = np.log(p.tax_rate * p.value_added_median[firms.sector])
    mean = centre + weight * (np.log(firms.register) - centre)
    spread = np.sqrt(weight) * p.register_error
    liability = np.exp(mean + spread * stream(base, "liability").standard_normal(len(firms)))
    shown = records.firm[records.found > 0]
    liability[shown] = firms.liability[shown]
    return replace(
        firms, liability=liability, evasion_share=pool.evasion_share[nature], moral_cost=pool.moral_cost[nature]
    )


@dataclass(frozen=True)
class World:
    """One possible truth behind a position, with the dice of the quarter at hand; later ones are its seed's."""

    p: Parameters
    seed: int
    firms: Firms
    quarter: Quarter


def worlds(known: Known, replicates: int, seed: int, *, doubted: bool = False) -> tuple[World, ...]:
    """Possible worlds that look, to the office, exactly like this one.

    doubted: they differ in what behaviour gives away (``doubted_signals``), as well as in the firms behind it.
    """
    pool, bounds = draw_pool(known.p, seed), None
    found = []
    for run in range(replicates):
        base = int(stream(seed, "replicate", run).integers(0, 2**62, dtype=np.int64))
        p = doubted_signals(known.p, base, known.state.round) if doubted else known.p
        if bounds is None or doubted:
            bounds = posterior(p, known, pool)
        found.append(_world(p, known, base, resampled_firms(p, known, pool, bounds, base)))
    return tuple(found)


def doubted_signals(p: Parameters, base: int, round_number: int) -> Parameters:
    """What behaviour gives away in a possible world: nobody who has not asked knows where the tool fails.

    Uniform are the reversal of refund claims in the border district, from none to ``doubted_border``, and the part of
    a guessable signal that evaders hide in a quarter, from none to ``doubted_decay``; from the rule change on an even
    chance decides whether the new rule turns the meaning of a high input ratio round.
    """
    border, decay, turns = stream(base, "doubt", round_number).random(3)
    stays = round_number >= p.rule_quarter and turns < 0.5
    return replace(
        p,
        border_shift=p.doubted_border * float(border),
        signal_decay=p.doubted_decay * float(decay),
        rule_quarter=_NEVER if stays else p.rule_quarter,
    )


def _world(p: Parameters, known: Known, base: int, firms: Firms) -> World:
    """These firms showing the behaviour that was seen: its noise is what their nature leaves unexplained."""
    number = known.state.round
    inclined = tendency(p, firms.evasion_share, firms.moral_cost)[:, None]
    noise = known.unshifted(p, number) - signal_strength(p, firms, number, known.state.exposure) * inclined
    return World(p, base, firms, replace(draw_quarter(p, base, number), noise=noise))


def loss_to_go(rounds: int, world: World, state: State, decisions: Sequence[Mapping[str, Value]]) -> Floats:
    """PKR m from now on by decision, each followed by the best policy, in one world."""
    later = [draw_quarter(world.p, world.seed, number) for number in range(state.round + 1, rounds + 1)]
    return np.array([_played_out(rounds, world, state, later, form) for form in decisions], dtype=np.float64)


def _played_out(
    rounds: int, world: World, state: State, later: Sequence[Quarter], decision: Mapping[str, Value]
) -> float:
    p, reached, chosen = world.p, state, plan(decision)
    for quarter in (world.quarter, *later):
        reached, _ = play_quarter(p, world.firms, reached, quarter, chosen)
        if reached.round <= rounds:
            chosen = plan(policies.best(p, policies.read_desk(p, world.firms, reached, rounds)))
    return float((reached.loss - state.loss).sum())
