"""How firms respond to the chance of an audit: Allingham & Sandmo (1972) with logit choice (McFadden 1974)."""

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.tax_audit.world import Firms, Parameters


def net_gain(
    evasion_share: Floats, perceived: Floats, quality: float, penalty_rate: float, moral_cost: Floats
) -> Floats:
    """Net gain of evading as a share of liability: s (1 - p a (1 + f)) - m.

    evasion_share: 0 to 1.  perceived: probability of an audit, 0 to 1.  quality: share of evasion an audit
    uncovers, 0 to 1.  penalty_rate: fine as a multiple of the tax, >= 0.  moral_cost: share of liability.
    Source: Allingham & Sandmo (1972), risk-neutral.
    """
    return np.asarray(evasion_share * (1 - perceived * quality * (1 + penalty_rate)) - moral_cost)


def evasion_probability(gain: Floats, noise: float) -> Floats:
    """Logit probability of evading; one half where the net gain is zero. noise: share of liability, > 0."""
    return np.asarray(0.5 * (1 + np.tanh(gain / (2 * noise))), dtype=np.float64)


def perceived_audit(p: Parameters, firms: Firms, cell_rate: Floats, own: Floats, letter: Floats) -> Floats:
    """Audit probability a firm expects, 0 to 1: last quarter's rate of its cell, own history, a letter."""
    expected = p.cell_weight * cell_rate[firms.cell] + p.own_weight * own + letter
    return np.asarray(np.minimum(expected, 1.0), dtype=np.float64)


def chance_of_evasion(p: Parameters, firms: Firms, perceived: Floats) -> Floats:
    """Each firm's probability of evading this quarter."""
    gain = net_gain(firms.evasion_share, perceived, p.perceived_quality, p.penalty_rate, firms.moral_cost)
    return evasion_probability(gain, p.response_noise)


def deterrence_slope(p: Parameters) -> float:
    """Expected fall in the evaded share of liability per unit of perceived audit probability.

    A finite difference of the response model over the population it assumes (64 x 64 midpoints).
    """
    middle = (np.arange(64) + 0.5) / 64
    low, high = p.evasion_share_range
    share = np.repeat(low + (high - low) * middle, 64)
    moral = np.tile(-p.moral_cost_mean * np.log1p(-middle), 64)

    def evaded(perceived: float) -> float:
        gain = net_gain(share, np.full(len(share), perceived), p.perceived_quality, p.penalty_rate, moral)
        return float((share * evasion_probability(gain, p.response_noise)).mean())

    step = 0.05
    return (evaded(p.initial_audit_rate) - evaded(p.initial_audit_rate + step)) / step
