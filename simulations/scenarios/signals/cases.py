"""Two flows of an hour for the officer to judge before the tool's forecast is seen."""

import numpy as np

from simulations.engine import Floats, stream
from simulations.scenarios.signals.policies import Desk
from simulations.scenarios.signals.world import FLOWS, PEDESTRIANS, mean_pcu, rates_of
from simulations.types import Case

BUSIER, QUIETER = "busier", "quieter"
GLANCES_AN_HOUR = 12  # five minutes at the kerb


def cases(desk: Desk, levels: Floats) -> tuple[Case, ...]:
    """One approach, and the pedestrians: busier than usual in this hour, or quieter?"""
    dice = stream(desk.seed, "cases", desk.hour.round)
    approach = int(dice.integers(PEDESTRIANS))
    rates = rates_of(desk.hour, levels).mean(axis=1)
    return tuple(_case(desk, flow, float(rates[flow]), dice) for flow in (approach, PEDESTRIANS))


def _case(desk: Desk, flow: int, rate: float, dice: np.random.Generator) -> Case:
    usual, forecast = float(desk.hour.usual[flow]), float(desk.evidence.hourly_forecast[flow])
    users = rate / float(mean_pcu(desk.p, desk.hour)[flow]) / GLANCES_AN_HOUR
    expected = users * usual / rate
    return Case(
        id=f"hour_{desk.hour.round}_{FLOWS[flow]}",
        values={"flow": FLOWS[flow], "usual": round(usual), "glance": round(100 * dice.poisson(users) / expected)},
        answers=(BUSIER, QUIETER),
        advice=BUSIER if forecast > usual else QUIETER,
        confidence=desk.p.claimed_accuracy,
        truth=BUSIER if rate > usual else QUIETER,
        group="pedestrian" if flow == PEDESTRIANS else "car",
    )
