"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulations.engine import stream
from simulations.estimates import LEAST_SHARE, share_stability
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.signals.policies import Desk
from simulations.scenarios.signals.world import (
    CLASSES,
    FLOWS,
    PEDESTRIANS,
    QUARTERS,
    level_sds,
    mean_pcu,
)

ROAD_USERS = (*CLASSES, "pedestrian")
IMAGES = 60
CONTRAST_QUARTILES = (-0.67449, 0.0, 0.67449)
NORMAL_80, NORMAL_95 = 1.281552, 1.959964
OBSERVED_PEDESTRIANS = 20
EXPLAINED = FLOWS.index("east")


@dataclass(frozen=True)
class View:
    """Where the inquiry is made; ``red_share`` is the share of pedestrians who crossed on red in the last hour."""

    desk: Desk
    red_share: float

    def dice(self, name: str) -> np.random.Generator:
        """The dice of an inquiry in this round."""
        return stream(self.desk.seed, f"inquiry:{name}", self.desk.hour.round)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's own claim and where it was tested."""
    return {"claimed": 100 * view.desk.p.claimed_accuracy, "hours": view.desk.p.claimed_hours}


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Road users on this hour's video, equally many of each kind as far as possible: how many the camera counted."""
    dice = view.dice("error_by_group").random((len(ROAD_USERS), size))
    values: dict[str, float] = {"n": float(size)}
    for number, name in enumerate(ROAD_USERS):
        sample = size // len(ROAD_USERS) + (number < size % len(ROAD_USERS))
        values[f"n_{name}"] = float(sample)
        values[f"counted_{name}"] = float((dice[number, :sample] < view.desk.hour.class_counted[number]).sum())
    return values


def drift_check(view: View) -> Mapping[str, float]:
    """Population stability index of image contrast: this hour's images against quartiles of the vendor's test."""
    contrast = view.desk.hour.contrast + view.dice("drift_check").standard_normal(IMAGES)
    counts = np.bincount(np.searchsorted(CONTRAST_QUARTILES, contrast), minlength=4)
    now, then = np.maximum(counts / IMAGES, LEAST_SHARE), 0.25
    return {"psi": share_stability(then, now), "n": float(IMAGES)}


def why_this_case(view: View) -> Mapping[str, float]:
    """Additive contributions to the forecast of the eastern approach; the tool allows nothing for light or air."""
    desk = view.desk
    forecast = desk.evidence.forecast[EXPLAINED]
    usual, first, total = (round(float(flow)) for flow in (desk.hour.usual[EXPLAINED], forecast[0], forecast.mean()))
    return {"usual": usual, "camera": first - usual, "trend": total - first, "light": 0, "total": total}


def history(view: View) -> Mapping[str, float]:
    """The same hour over the last weeks: in eight of ten, flows by manual count lay in these ranges."""
    hour, spread = view.desk.hour, np.exp(NORMAL_80 * level_sds(view.desk.p))
    roads = np.array([hour.usual[:2].max(), hour.usual[2:PEDESTRIANS].max(), hour.usual[PEDESTRIANS]])
    spread = spread[[0, PEDESTRIANS - 1, PEDESTRIANS]]
    names = ("north_south", "east_west", "pedestrians")
    low = {f"{name}_low": float(value) for name, value in zip(names, np.round(roads / spread), strict=True)}
    return low | {f"{name}_high": float(value) for name, value in zip(names, np.round(roads * spread), strict=True)}


def field_officer(view: View) -> Mapping[str, float]:
    """The warden's word on the last hour: of twenty pedestrians, how many crossed on red."""
    red = view.dice("field_officer").binomial(OBSERVED_PEDESTRIANS, min(view.red_share, 1.0))
    return {"n": float(OBSERVED_PEDESTRIANS), "red": float(red)}


def manual_count(flow: int, view: View) -> Mapping[str, float]:
    """A warden's count of a quarter of an hour, per hour, with its 95 % interval, beside the tool's forecast."""
    desk = view.desk
    count = float(desk.evidence.count[flow])
    per_hour = QUARTERS * float(mean_pcu(desk.p, desk.hour)[flow])
    half = NORMAL_95 * float(np.sqrt(count))
    return {
        "counted": count,
        "flow": round(per_hour * count),
        "low": round(per_hour * max(count - half, 0.0)),
        "high": round(per_hour * (count + half)),
        "forecast": round(float(desk.evidence.hourly_forecast[flow])),
    }


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    **{f"manual_count_{name}": plain(partial(manual_count, number)) for number, name in enumerate(FLOWS)},
    **DECOYS,
}
