"""Luck-free comparison of decisions: possible hours that agree with what may be known, played out for each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulations.engine import Floats
from simulations.scenarios.signals.junction import play_hour
from simulations.scenarios.signals.policies import Desk, possible_traffic
from simulations.types import Value


def losses_to_go(desk: Desk, decisions: Sequence[Mapping[str, Value]], replicates: int, seed: int) -> Floats:
    """Loss of the hour in person-hours, (decision, replicate), on common random numbers.

    Hours share no queue and no decision changes what may be known later, so the best policy loses the same from the
    next hour on whatever is decided now; that common part is left out.
    """
    traffic = possible_traffic(replace(desk, seed=seed), replicates, "referee")
    losses = [play_hour(desk.p, desk.hour, desk.evidence, traffic, form).loss.sum(axis=1) for form in decisions]
    return np.array(losses, dtype=np.float64)
