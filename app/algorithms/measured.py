"""What was measured of the estimates, as the newest run of `make bench` left it in docs/benchmarks.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.json"
PREFIX = "Estimates, "
ERROR, HELD = "error, root of the mean square", "intervals of 80% that hold the truth"


@dataclass(frozen=True)
class Calibration:
    """Of one world of simulated trainees: root mean square error in points; held: % of the intervals with the truth."""

    world: str
    error: float
    held: float


@dataclass(frozen=True)
class Measurement:
    measured_on: str
    worlds: tuple[Calibration, ...]


@lru_cache(maxsize=1)
def calibration() -> Measurement:
    """Each world once, whichever other method it was compared with."""
    part = json.loads(RESULTS.read_text())["calibration"]
    found: dict[str, dict[str, float]] = {}
    for each in part["figures"]:
        world = each["group"].removeprefix(PREFIX).removesuffix(f", {each['peer_name']}")
        found.setdefault(world, {})[each["name"]] = each["value"]
    return Measurement(
        datetime.fromisoformat(part["measured_at"]).date().isoformat(),
        tuple(Calibration(world, figures[ERROR], figures[HELD]) for world, figures in found.items()),
    )
