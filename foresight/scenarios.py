"""What a scenario assumes: how fast work changes, how fast skills are lost, and what the academy may spend.

Ranges are triangular: least, most likely and largest value, as a panel of experts gives them. The four standard
scenarios take ceiling and speed from the domain notes, section 5.2; every other number is assumed and said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self


class Basis(StrEnum):
    SLOW = "slow"
    PLANNED = "planned"
    FAST = "fast"
    LAW_FIRST = "law_first"


@dataclass(frozen=True)
class Range:
    """A triangular distribution. Raises ValueError when the likely value is not between the two others."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"{self.likely} is not between {self.low} and {self.high}")

    @classmethod
    def exactly(cls, value: float) -> Self:
        return cls(value, value, value)


@dataclass(frozen=True)
class Parameter:
    """A number of a scenario. unit: "share", "per_year", "years", "year" or "pkr"; least and most: what it may be."""

    unit: str
    least: float
    most: float


RANGES: dict[str, Parameter] = {
    "ceiling": Parameter("share", 0.0, 1.0),
    "speed": Parameter("per_year", 0.1, 3.0),
    "growth": Parameter("share", -0.2, 0.2),
    "resignation": Parameter("share", 0.0, 0.3),
    "half_life_years": Parameter("years", 0.5, 20.0),
    "unassessed": Parameter("share", 0.0, 1.0),
}
# What may be said of single departments, instead of what the figures and the scenario say of them.
DEPARTMENT_RANGES: dict[str, Parameter] = {
    "ceiling": RANGES["ceiling"],
    "speed": RANGES["speed"],
    "middle_year": Parameter("year", 2000, 2100),
}
NUMBERS: dict[str, Parameter] = {
    "budget_pkr": Parameter("pkr", 0.0, 10_000_000_000.0),
    "release_share": Parameter("share", 0.0, 0.3),
    "district_tolerance": Parameter("share", 0.0, 1.0),
    "floor_share": Parameter("share", 0.0, 1.0),
    "discount": Parameter("share", 0.5, 1.0),
}
HORIZON = Parameter("years", 2, 10)


@dataclass(frozen=True)
class Origin:
    """Where a range comes from. source: "delphi"; on: ISO day; experts: how many answered; quality: A to C, as in the
    figures; number: of the panel; department: as the figures spell it, "" for a range of all.
    """

    source: str
    on: str
    experts: int
    quality: str
    number: int
    department: str = ""


def of_department(name: str, department: str) -> str:
    """The key of a range of one department, whose name is in plain spelling."""
    return f"{name}:{department}"


@dataclass(frozen=True)
class Scenario:
    """One set of assumptions.

    ceiling: share of posts whose work AI will have changed in the end; speed: of that diffusion (1/year); growth: of
    filled posts in a year; resignation: share of staff in a year; half_life_years: in which half of the holders lose an
    unused skill; unassessed: how much of the assessed share is believed of people whom nobody assessed.
    budget_pkr: of a year; release_share: of working time that may go into training; district_tolerance: how far a
    district's share of seats may lie from its share of staff; floor_share: seats that each department gets at least,
    as a share of its staff; discount: what a gap of the next year counts beside the same of this one.
    is_equitable: whether the rows for women, districts and departments hold. law_first: duties by law (domain D5) are
    needed in every post that has them, from the first year on. departments: ranges of single departments, and origins:
    where ranges come from that are not just assumed; both by the key of the range (`of_department`, or its name).
    """

    basis: Basis
    law_first: bool
    ceiling: Range
    speed: Range
    growth: Range = Range(-0.01, 0.01, 0.03)
    resignation: Range = Range(0.01, 0.03, 0.06)
    half_life_years: Range = Range(2.0, 4.0, 8.0)
    unassessed: Range = Range(0.6, 0.8, 1.0)
    horizon_years: int = 5
    budget_pkr: float = 20_000_000.0
    release_share: float = 0.05
    district_tolerance: float = 0.2
    floor_share: float = 0.0
    discount: float = 0.95
    is_equitable: bool = True
    departments: Mapping[str, Range] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Raises ValueError for a range whose values are out of order."""
        ranges = {name: Range(**kept[name]) for name in RANGES}
        departments = {key: Range(**each) for key, each in kept.get("departments", {}).items()}
        origins = {key: Origin(**each) for key, each in kept.get("origins", {}).items()}
        return cls(**{**kept, **ranges, "basis": Basis(kept["basis"]), "departments": departments, "origins": origins})


STANDARD: dict[Basis, Scenario] = {
    Basis.SLOW: Scenario(Basis.SLOW, False, Range(0.25, 0.35, 0.45), Range(0.4, 0.6, 0.8)),
    Basis.PLANNED: Scenario(Basis.PLANNED, False, Range(0.45, 0.60, 0.75), Range(0.6, 0.8, 1.0)),
    Basis.FAST: Scenario(Basis.FAST, False, Range(0.70, 0.85, 0.95), Range(0.8, 1.1, 1.4)),
    Basis.LAW_FIRST: Scenario(Basis.LAW_FIRST, True, Range(0.45, 0.60, 0.75), Range(0.6, 0.8, 1.0)),
}
